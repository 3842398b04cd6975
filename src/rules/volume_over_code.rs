//! A volume keeps the code of the first release.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::dockerfile::Dockerfile;
use crate::key_path::KeyPath;
use crate::stack::{Service, Stack};

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
        let code = code(found, service);
        let is_code = |path: &str| FOLDERS.contains(&path) || code.as_deref() == Some(path.trim_end_matches('/'));
        for mount in service.volumes.iter().filter(|mount| is_code(mount.path.as_str())) {
            if stack.volumes.iter().any(|volume| volume.name == mount.volume && volume.is_own()) {
                let path = KeyPath::of(&["services", service.name.as_str(), "volumes", mount.volume.as_str(), "path"]);
                let has = if code.is_some() { "has" } else { "may have" };
                let message = format!("the volume `{}` covers `{}`, where the image of `{}` {has} its code", mount.volume, mount.path, service.name);
                let help = format!("Mount a folder of its own, such as `path: {}/data`; code belongs into the image.", mount.path);
                found.with_help(path, message, help);
            }
        }
    }
}

/// Where a Dockerfile of the project puts the code.
fn code(found: &Findings, service: &Service) -> Option<String> {
    let build = service.own_build.as_ref()?;
    let text = (found.around.text)(build.dockerfile.as_str())?;
    Dockerfile::new(&text).code(build.target.as_ref().map(crate::values::StageName::as_str)).map(str::to_owned)
}
