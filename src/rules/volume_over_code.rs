//! A volume keeps the code of the first release.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "volume-over-code",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A volume is mounted over the folder where images keep their code",
    why: "Docker copies the image's files into the volume once: all releases after that run the code of the first one. On Kubernetes the folder is empty.",
    instead: "Mount a folder of its own for what the service writes, such as `/srv/uploads`; code belongs into the image.",
    check,
};

/// Where images keep their code.
const FOLDERS: [&str; 4] = ["/app", "/usr/src/app", "/code", "/workspace"];

fn check(stack: &Stack, found: &mut Findings) {
    // An image that is built here has its code elsewhere, where a volume is refused.
    for service in stack.services.iter().filter(|service| service.build.is_none()) {
        for mount in service.volumes.iter().filter(|mount| FOLDERS.contains(&mount.path.as_str())) {
            if stack.volumes.iter().any(|volume| volume.name == mount.volume && volume.is_own()) {
                let path = KeyPath::of(&["services", service.name.as_str(), "volumes", mount.volume.as_str(), "path"]);
                let message = format!("the volume `{}` covers `{}`, where the image of `{}` may have its code", mount.volume, mount.path, service.name);
                let help = format!("Mount a folder of its own, such as `path: {}/data`; code belongs into the image.", mount.path);
                found.with_help(path, message, help);
            }
        }
    }
}
