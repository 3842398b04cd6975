//! A text that looks like a variable.

use super::typed_address::host;
use super::unknown_host::by_name;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Delivery, EnvValue, EnvVar, Stack};

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
        let Some(Named { whole, name, default }) = named(text).filter(|_| stack.origins.text(&var.declared) == Some(text)) else { continue };
        let store = text.contains("://").then(|| host(text)).and_then(|host| stack.backing_services.iter().find(|store| store.name.as_str() == host));
        let owner = name.split_once('.').map(|(owner, _)| owner);
        let is_known = |owner: &str| (owner == "edge" && stack.edge.is_some()) || stack.backing_services.iter().any(|store| store.name.as_str() == owner);
        let is_whole = whole == text;
        let last = name.rsplit('_').next().unwrap_or_default();
        let help = if let Some(store) = store {
            format!("Write `{}: {{from: {}.url}}`, which is this address as a whole.", var.name, store.name)
        } else if owner.is_some_and(is_known) && is_whole {
            format!("Write `{}: {{from: {name}}}`.", var.name)
        } else if owner.is_some_and(is_known) {
            format!("`{{from: {name}}}` is that value: a variable of its own has it, or `{{from: NAME.url}}` a whole address.")
        } else if let Some((store, part)) = by_name(stack, &var.name).filter(|_| is_whole && owner.is_none()) {
            format!("Write `{}: {{from: {}.{part}}}`.", var.name, store.name)
        } else if let Some(name) = name.strip_prefix("secrets.").or(["PASSWORD", "SECRET", "TOKEN", "KEY"].contains(&last).then_some(name)) {
            secret(stack, var, name)
        } else {
            let settings = match default.filter(|_| is_whole) {
                Some(default) => format!("default: {}", serde_json::Value::from(default)),
                // What was put together of it would be a piece without it.
                None => "required: true".to_owned(),
            };
            let value = if is_whole { "each server's env file decides" } else { "each server's env file has the whole value" };
            format!("Write `{}: {{param: {{{settings}}}}}`: {value}.", var.name)
        };
        found.with_help(var.declared.clone(), format!("`{}` has the text `{whole}` in it", var.name), help);
    }
}

/// How a service gets a secret whose name a variable has for a text; what the profile has of it already is not said again.
fn secret(stack: &Stack, var: &EnvVar, name: &str) -> String {
    let variable = &var.name;
    let entry = format!("`{name}: {{{}}}`", if variable == name { String::new() } else { format!("as: {variable}") });
    let mut users = stack.services.iter().filter(|service| service.env.iter().any(|known| known.declared == var.declared));
    let has = users.find_map(|service| service.env.iter().find(|known| matches!(&known.value, EnvValue::Secret { name: known, .. } if known == name)));
    let step = match has {
        Some(known) if known.name == name => format!("Write {entry} in place of `{name}: {{}}` in the service's `secrets`, and remove the variable"),
        Some(known) => format!("Let the program read `{}`, by which the service has this secret, and remove the variable", known.name),
        None => format!("Write {entry} in the service's `secrets` in place of the variable"),
    };
    let declaration = if stack.origins.is_written(&KeyPath::of(&["secrets", name])) {
        String::new()
    } else {
        format!(", and `{name}: {{}}` in the section `secrets`, or `{name}: {{source: external}}` for what somebody else hands out")
    };
    let delivered = match has {
        Some(EnvVar { name: own, value: EnvValue::Secret { deliver, .. }, .. }) => (own == name).then_some(*deliver == Delivery::Env),
        _ => Some(false),
    };
    let result = match delivered {
        Some(true) => format!(": `{variable}` then has it"),
        Some(false) => format!(": `{variable}_FILE` names the file that has it"),
        None => String::new(),
    };
    format!("{step}{declaration}{result}.")
}

/// True for a text that is the name of another variable and nothing else: there is no value in it.
pub fn is_name_alone(text: &str) -> bool {
    named(text).is_some_and(|named| named.whole == text && named.default.is_none_or(str::is_empty))
}

/// True if a text that names another variable stands where a part of this backing service's address is meant.
pub fn is_meant(stack: &Stack, store: &str) -> bool {
    let is_whole = |text: &str| named(text).is_some_and(|named| named.whole == text);
    stack.variables().any(|var| {
        matches!(&var.value, EnvValue::Literal(text) if is_whole(text)) && by_name(stack, &var.name).is_some_and(|(known, _)| known.name.as_str() == store)
    })
}

/// What stands in a text in place of another value.
struct Named<'t> {
    /// All of it, such as `${PORT:-80}`.
    whole: &'t str,
    /// The name of that value.
    name: &'t str,
    /// What is to hold without it.
    default: Option<&'t str>,
}

/// The first `{{ NAME }}` in a text, or `${{ NAME }}`, in the words of Ansible, of Helm and of GitHub.
fn placeholder(text: &str) -> Option<Named<'_>> {
    let open = text.find("{{")?;
    let close = open + text[open..].find("}}")?;
    let start = open - usize::from(text[..open].ends_with('$'));
    let inside = text[open + 2..close].trim();
    let name = inside.split([' ', '|']).next()?.trim_start_matches('.');
    let name = name.strip_prefix("Values.").or_else(|| name.strip_prefix("env.")).or_else(|| name.strip_prefix("vars.")).unwrap_or(name);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    is_name.then_some(Named { whole: &text[start..close + 2], name, default: None })
}

/// The first `${...}`, `$(...)` or `{{...}}` in a text that names something.
fn named(text: &str) -> Option<Named<'_>> {
    if let Some(found) = placeholder(text) {
        return Some(found);
    }
    text.match_indices('$').find_map(|(at, _)| {
        let close = match text[at + 1..].chars().next()? {
            '{' => '}',
            '(' => ')',
            _ => return None,
        };
        let inside = &text[at + 2..at + 2 + text[at + 2..].find(close)?];
        let end = inside.find([':', '-', '?']).unwrap_or(inside.len());
        let (name, rest) = inside.split_at(end);
        let is_name =
            |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
        let whole = &text[at..at + 3 + inside.len()];
        name.split('.').all(is_name).then_some(Named { whole, name, default })
    })
}
