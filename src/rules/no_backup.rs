//! A database that nothing backs up.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{Backing, BackingService, Service, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-backup",
    severity: Severity::Warning,
    applies: Applies::Production,
    what: "A database that nothing backs up",
    why: "A lost disk, a mistaken migration or a deleted claim takes all data with it.",
    instead: "Add `backups: {nightly: {schedule: \"0 3 * * *\"}}` and `backup: nightly` at the server; or accept it with a waiver, if somebody else makes backups.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in stack.backing_services.iter().filter(|store| store.server.is_some()) {
        let path = KeyPath::of(&["backing_services", store.name.as_str()]);
        let message = format!("nothing makes backups of `{}`", store.name);
        match &store.kind {
            Backing::Postgres { .. } if !stack.backups.iter().any(|backup| backup.store == store.name) => found.at(path, message),
            Backing::Image(container) if !container.volumes.is_empty() => {
                let family = known_images::family(container.image.name.as_str());
                let Some((family, program)) = family.and_then(|family| Some((family, family.dump()?))) else { continue };
                if !stack.services.iter().any(|service| may_read(stack, service, store)) {
                    let help = format!(
                        "For {} a service of `kind: cron` makes them, which calls `{program}`: \"a backup of MySQL\" in docs/recipes.md; or accept it with a waiver, if somebody else makes backups.",
                        family.title()
                    );
                    found.with_help(path, message, help);
                }
            }
            _ => {}
        }
    }
}

/// True for a job that may make backups of a store: it reaches it or has its volume, and is no job of the application itself, unless it says so.
fn may_read(stack: &Stack, service: &Service, store: &BackingService) -> bool {
    let has_volume = service.volumes.iter().any(|mount| mount.volume.as_str().starts_with(store.name.as_str()));
    let reaches = has_volume || service.depends_on.iter().any(|dependency| dependency.name == store.name);
    let is_of_the_application =
        || stack.services.iter().any(|other| matches!(other.kind, ServiceKind::Web | ServiceKind::Worker) && other.image.name == service.image.name);
    let words = service.calls().concat();
    let says_so =
        || words.iter().copied().chain([service.name.as_str()]).any(|word| ["backup", "dump"].iter().any(|what| word.to_ascii_lowercase().contains(what)));
    service.kind == ServiceKind::Cron && reaches && (!is_of_the_application() || says_so())
}
