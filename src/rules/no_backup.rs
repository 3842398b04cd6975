//! A database that nothing backs up.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, Stack};

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
    for store in stack.backing_services.iter().filter(|store| store.server.is_some() && matches!(store.kind, Backing::Postgres { .. })) {
        if !stack.backups.iter().any(|backup| backup.store == store.name) {
            let path = KeyPath::of(&["backing_services", store.name.as_str()]);
            found.at(path, format!("nothing makes backups of `{}`", store.name));
        }
    }
}
