//! A volume that pods on several nodes mount.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "volume-on-many-nodes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A volume that pods on several nodes mount",
    why: "It asks for `ReadWriteMany`, which disks in most clouds do not have: with the wrong storage class its pods wait for it for ever.",
    instead: "See that the cluster's default storage class has `ReadWriteMany` (NFS and the like), or keep files in an object store.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(target) = &stack.targets.kubernetes else { return };
    for volume in stack.volumes.iter().filter(|volume| volume.shared && volume.is_own()) {
        let users: Vec<_> = stack.services.iter().filter(|service| service.volumes.iter().any(|mount| mount.volume == volume.name)).collect();
        let Some(first) = users.first() else { continue };
        let pods: Vec<String> = users
            .iter()
            .map(|service| if service.most_replicas() > 1 { format!("{} x {}", service.most_replicas(), service.name) } else { service.name.to_string() })
            .collect();
        let message = format!("several pods mount the volume `{}`: {}", volume.name, pods.join(", "));
        let path = KeyPath::of(&["services", first.name.as_str(), "volumes", volume.name.as_str()]);
        match &target.storage_class {
            // The one for all claims is chosen for databases as a rule.
            Some(class) => {
                let help = format!(
                    "See that the class `{class}` has `ReadWriteMany` (NFS and the like); if not, make a claim of another class and name it (`external: CLAIM`), or keep files in an object store."
                );
                found.with_help(path, message, help);
            }
            None => found.at(path, message),
        }
    }
}
