//! A text has quotes that only people take for quotes.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::Stack;
use crate::values::without_typographic_quotes;

/// The rule.
pub const RULE: Rule = Rule {
    id: "typographic-quotes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A text stands between typographic quotes",
    why: "Word processors and chats make them; in YAML they are signs like any other, and a part of the value.",
    instead: "Write `\"` in their place, or nothing.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (path, text) in stack.origins.texts() {
        if let Some(inside) = without_typographic_quotes(text) {
            let help = format!("Write `\"{}\"`.", inside.replace('\\', "\\\\").replace('"', "\\\""));
            found.with_help(path.clone(), format!("the quotes of `{path}` are a part of its value"), help);
        }
    }
}
