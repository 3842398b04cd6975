//! Something is declared that nothing uses.

use super::{Applies, Findings, Rule, literal_variable, unknown_host};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

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
        } else if stack.origins.is_inherited(path) {
            found.with_help(path.clone(), message, format!("Use it, or add `{path}` to `remove` in this profile."));
        } else {
            found.at(path.clone(), message);
        }
    }
}
