//! A text that looks like a variable.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "literal-variable",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable is a text that names another variable",
    why: "Nothing is put in its place: in a profile `$` is a character like any other, and the service gets exactly this text.",
    instead: "For what each server decides write `{param: {...}}`, for a secret name it in `secrets`, for what the profile knows write `{from: NAME.VALUE}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        if let Some(name) = named(text) {
            let whole = address(stack, text).map(|store| format!("; `{{from: {store}.url}}` is this address as a whole")).unwrap_or_default();
            found.at(var.declared.clone(), format!("`{}` has the text `${{{name}}}` in it{whole}", var.name));
        }
    }
}

/// The backing service that a text is the address of.
fn address<'s>(stack: &'s Stack, text: &str) -> Option<&'s str> {
    let (_, authority) = text.split_once("://")?;
    let host = authority.split(['/', '?']).next()?.rsplit('@').next()?.split(':').next()?;
    stack.backing_services.iter().map(|store| store.name.as_str()).find(|name| *name == host)
}

/// The first `${...}` in a text: what stands between its braces, without a default.
fn named(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| {
        let inside = text[at + 2..].split('}').next().filter(|inside| at + 2 + inside.len() < text.len())?;
        let name = inside.split([':', '-', '?']).next().unwrap_or_default();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_name.then_some(name)
    })
}
