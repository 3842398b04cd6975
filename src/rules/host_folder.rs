//! Data in a folder of the host.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-folder",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "Data in a folder of the host",
    why: "It has the owner that it has there, `down --volumes` and backups of volumes leave it out, and it ties the service to this one host.",
    instead: "See that it is there, belongs to the service's user and is backed up; or leave `host` out, which makes it a volume.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    for service in &stack.services {
        for mount in &service.volumes {
            let Some(host) = stack.volumes.iter().find(|volume| volume.name == mount.volume).and_then(|volume| volume.host()) else { continue };
            let path = KeyPath::of(&["services", service.name.as_str(), "volumes", mount.volume.as_str(), "host"]);
            found.at(path, format!("`{}` keeps `{}` in the folder `{host}` of the host", service.name, mount.path));
        }
    }
}
