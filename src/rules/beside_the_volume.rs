//! Files of users go where nothing keeps them.

use super::{Applies, Findings, Rule, quoted};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, EnvVar, EnvironmentKind, Service, Stack};
use crate::values::{Scalar, ServiceName};

/// The rule.
pub const RULE: Rule = Rule {
    id: "beside-the-volume",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable sends files of users to a folder that is in no volume",
    why: "The folder is a part of the image and read-only: the first upload fails. A volume beside it stays empty.",
    instead: "Write the folder of the volume, or one below it; where there is no volume, give the service one.",
    check,
};

/// Names, in whole or behind a prefix, of variables with the folder for what users upload.
const FOLDERS: [&str; 14] = [
    "MEDIA_ROOT",
    "MEDIA_DIR",
    "MEDIA_PATH",
    "MEDIA_FOLDER",
    "UPLOAD_ROOT",
    "UPLOAD_DIR",
    "UPLOAD_PATH",
    "UPLOAD_FOLDER",
    "UPLOADS_DIR",
    "UPLOADS_PATH",
    "UPLOADS_FOLDER",
    "UPLOAD_DIRECTORY",
    "MULTER_DEST",
    "ATTACHMENTS_DIR",
];

/// Names, in whole, of variables with a folder of whatever a program keeps.
const KEPT: [&str; 6] = ["STORAGE_PATH", "STORAGE_DIR", "STORAGE_ROOT", "DATA_DIR", "DATA_PATH", "FILES_DIR"];

/// Folders of what an image brings along: there such a variable may name what is only read.
const OF_IMAGES: [&str; 6] = ["/app/", "/usr/", "/opt/", "/etc/", "/srv/", "/tmp/"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for service in stack
        .services
        .iter()
        .filter(|service| stack.environment != EnvironmentKind::Development && service.volumes.is_empty() && !is_changed_by_hand(stack, service))
    {
        for var in &service.env {
            let Some(folder) = folder(stack, var).filter(|folder| !is_kept(stack, var, folder) && !said.contains(&&var.declared)) else { continue };
            said.push(&var.declared);
            let last = folder.rsplit('/').next().unwrap_or_default().to_ascii_lowercase().replace(['_', '.'], "-");
            let name = if ServiceName::parse(&last).is_ok() { last.as_str() } else { "uploads" };
            let message = format!("`{}` is `{folder}`, and `{}` has no volume: there it cannot write", var.name, service.name);
            let help = format!("Write `volumes: {{{name}: {{path: {folder}}}}}` at `services.{}`.", service.name);
            found.with_help(var.declared.clone(), message, help);
        }
    }
    for service in stack.services.iter().filter(|service| service.volumes.iter().any(|mount| !mount.read_only)) {
        for var in &service.env {
            let Some(folder) = folder(stack, var).filter(|folder| !is_kept(stack, var, folder)) else { continue };
            if said.contains(&&var.declared) {
                continue;
            }
            said.push(&var.declared);
            let paths: Vec<&str> = service.volumes.iter().filter(|mount| !mount.read_only).map(|mount| mount.path.as_str()).collect();
            let (noun, verb) = if paths.len() == 1 { ("volume", "is") } else { ("volumes", "are") };
            let message = format!("`{}` is `{folder}`, and the {noun} of `{}` {verb} at {}", var.name, service.name, quoted(paths.iter().copied()));
            let help = match paths.as_slice() {
                [path] => format!("Write `{}: {path}`, or mount the volume at `{folder}`.", var.name),
                _ => format!("Write the one that is meant, such as `{}: {}`.", var.name, paths[0]),
            };
            found.with_help(var.declared.clone(), message, help);
        }
    }
}

fn folder<'s>(stack: &Stack, var: &'s EnvVar) -> Option<&'s str> {
    let name = var.name.to_ascii_uppercase();
    let EnvValue::Literal(text) = &var.value else { return None };
    let is_one = FOLDERS.iter().any(|known| name.strip_suffix(known).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('_')));
    let is_kept = KEPT.contains(&name.as_str()) && !OF_IMAGES.iter().any(|start| text.starts_with(start));
    ((is_one || is_kept) && text.starts_with('/') && !text.contains("${") && stack.origins.text(&var.declared) == Some(text))
        .then_some(text.trim_end_matches('/'))
}

/// True where somebody may give the container a folder that is not told here.
fn is_changed_by_hand(stack: &Stack, service: &Service) -> bool {
    let is_patched = stack.patches.iter().any(|patch| patch.target.to_string().split(['/', ':']).any(|part| part == service.name.as_str()));
    is_patched || !(service.escape.compose.is_empty() && service.escape.container.is_empty())
}

/// True if one of those that have the variable can write there, or has a volume below.
fn is_kept(stack: &Stack, var: &EnvVar, folder: &str) -> bool {
    let below = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let keeps = |service: &Service| {
        let tmpfs = service.tmpfs.iter().map(|tmpfs| tmpfs.path.as_str());
        let mut folders = service.volumes.iter().map(|mount| mount.path.as_str()).chain(tmpfs);
        folders.any(|known| below(folder, known) || below(known, folder))
    };
    stack.services.iter().any(|service| service.env.iter().any(|known| known.declared == var.declared) && keeps(service))
}
