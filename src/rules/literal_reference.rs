//! A text that looks like a reference.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "literal-reference",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable is a text that looks like a reference",
    why: "The service gets exactly this text, not the value that it names.",
    instead: "Write `{from: NAME.VALUE}`, such as `{from: database.url}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        let Some((owner, part)) = text.split_once('.') else { continue };
        let parts: &[&str] = match owner {
            "edge" if stack.edge.is_some() => &["url", "host"],
            _ if stack.backing_services.iter().any(|store| store.name.as_str() == owner) => {
                &["url", "address", "host", "port", "user", "name", "password", "pool"]
            }
            _ => continue,
        };
        if parts.contains(&part) {
            let help = format!("Write `{}: {{from: {text}}}`.", var.name);
            found.with_help(var.declared.clone(), format!("`{}` is the text `{text}`, not the value of that name", var.name), help);
        }
    }
}
