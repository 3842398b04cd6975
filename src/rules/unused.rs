//! Something is declared that nothing uses.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
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
        let message = format!("`{path}` is used by nothing: {reason}");
        if stack.origins.is_inherited(path) {
            found.with_help(path.clone(), message, format!("Use it, or add `{path}` to `remove` in this profile."));
        } else {
            found.at(path.clone(), message);
        }
    }
}
