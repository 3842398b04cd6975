//! A folder of a host that no pod has.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-folder-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A folder of a host that no pod has",
    why: "A pod may run on any node, and the restricted Pod Security Standard lets none of them see a node's files: the mount is left out.",
    instead: "Name a claim by `external`, leave `host` out, which makes it a claim, or describe the cluster in a profile of its own.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.kubernetes.is_none() {
        return;
    }
    for service in &stack.services {
        for mount in &service.volumes {
            if stack.volumes.iter().any(|volume| volume.name == mount.volume && volume.host().is_some()) {
                let path = KeyPath::of(&["services", service.name.as_str(), "volumes", mount.volume.as_str(), "host"]);
                found.at(path, format!("the pods of `{}` have nothing at `{}`", service.name, mount.path));
            }
        }
    }
}
