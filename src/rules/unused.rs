//! Something is declared that nothing uses.

use super::{Applies, Findings, Rule, literal_variable, names_at_odds, unknown_host};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images::Family;
use crate::stack::{Backing, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unused",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Something is declared that nothing uses",
    why: "What nobody reads is a mistake in a name, or a leftover that misleads.",
    instead: "Use it, or remove it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (path, reason) in &stack.unused {
        // It is used by an address that is written otherwise.
        let mut stores = stack.backing_services.iter().map(|store| store.name.as_str());
        if stores.any(|store| {
            *path == KeyPath::of(&["backing_services", store]) && (unknown_host::is_meant(stack, store) || literal_variable::is_meant(stack, store))
        }) {
            continue;
        }
        let message = format!("`{path}` is used by nothing: {reason}");
        if path.0.last().is_some_and(|key| key.to_string() == "build") {
            found.with_help(path.clone(), message, "Write `docker: {}` in `targets`, or remove it: the image comes from elsewhere.".to_owned());
        } else if let Some(help) = backup_of_another(stack, path) {
            found.with_help(path.clone(), message, help);
        } else if stack.origins.is_inherited(path) {
            found.with_help(path.clone(), message, format!("Use it, or add `{path}` to `remove` in this profile."));
        } else {
            found.at(path.clone(), message);
        }
    }
}

/// What is said of a plan for backups where the only databases are those that no plan is for.
fn backup_of_another(stack: &Stack, path: &KeyPath) -> Option<String> {
    let is_plan = path.0.first().is_some_and(|section| section.to_string() == "backups");
    let families = stack.backing_services.iter().filter(|store| store.server.is_some()).filter_map(names_at_odds::family);
    let families: Vec<Family> = families.filter(|family| family.dump().is_some()).collect();
    let family = families.first().filter(|_| is_plan && !stack.backing_services.iter().any(|store| matches!(store.kind, Backing::Postgres { .. })))?;
    Some(format!(
        "Remove it: infragen makes backups of `kind: postgres` alone. For {} a service of `kind: cron` calls `{}`: \"a backup of MySQL\" in docs/recipes.md.",
        family.title(),
        family.dump()?
    ))
}
