//! Data in a folder of the host.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::{EnvironmentKind, Stack};

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
            let message = format!("`{}` keeps `{}` in the folder `{host}` of the host", service.name, mount.path);
            // A developer's project is here; that of a server is not.
            if stack.environment != EnvironmentKind::Development {
                found.at(path, message);
            } else if host.starts_with('/') || (found.around.exists)(host) {
                let help = "See that the service's user may read it, and write to it where it does; or leave `host` out, which makes it a volume.";
                found.with_help(path, message, help.into());
            } else {
                let message = format!("`{}` mounts the folder `{host}` of the project, which is not there", service.name);
                found.with_help(path, message, missing(found, host));
            }
        }
    }
}

/// What to do about a folder that is not there: another one may be meant.
fn missing(found: &Findings, host: &str) -> String {
    let (above, name) = host.rsplit_once('/').map_or((".", host), |(above, name)| (above, name));
    let names = (found.around.names)(above);
    let near = nearest(name, names.iter().map(String::as_str)).map(|near| if above == "." { format!("./{near}") } else { format!("./{above}/{near}") });
    let meant = match near {
        Some(near) => format!("Write `host: {near}`, or make it"),
        None => "Make it, or correct the path, which starts at the folder that holds `profiles/`".into(),
    };
    format!("{meant}: Docker makes no folder here, and the container does not start.")
}
