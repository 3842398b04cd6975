//! A variable's value speaks of another environment.

use super::host_not_at_the_edge::{header, is_own};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EnvValue, EnvironmentKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "value-of-another-environment",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable or a check speaks of another environment",
    why: "A bucket, a queue or a project of production's that staging writes into is found out late: by what is missing there, or by mails to real people.",
    instead: "Write this environment's own value at the same path of this profile.",
    check,
};

/// How the names of variables end that choose how a program was built or is set up, which is alike in staging and production.
const MODES: [&str; 4] = ["_ENV", "SETTINGS_MODULE", "ASPNETCORE_ENVIRONMENT", "SPRING_PROFILES_ACTIVE"];

fn check(stack: &Stack, found: &mut Findings) {
    let others: &[&str] = match stack.environment {
        EnvironmentKind::Staging => &["production", "prod", "prd"],
        EnvironmentKind::Production => &["staging", "stage", "stg"],
        // A developer may well name another environment; what is left of its edge was forgotten.
        EnvironmentKind::Development => &[],
    };
    let edge: Vec<&str> = stack.edge.iter().flat_map(|edge| &edge.hosts).map(|host| host.name.as_str()).collect();
    for service in &stack.services {
        // What a header asks for is said by another rule.
        let mut words = service.health.command.iter().flatten().enumerate().filter(|(_, word)| header(word).is_none());
        let Some((at, removed_host)) = words.find_map(|(at, word)| Some((at, removed(stack, word)?))) else { continue };
        let path = KeyPath::of(&["services", service.name.as_str(), "health", "command"]);
        let message = format!("the check of `{}` asks `{removed_host}`, which this profile has taken out of the edge", service.name);
        let instead = edge.first().copied().unwrap_or("127.0.0.1");
        let word = service.health.command.iter().flatten().nth(at).map(String::as_str).unwrap_or_default();
        let item = |host: &str| if word.contains(' ') { host.to_owned() } else { format!("\"{}\"", word.replace(removed_host, host)) };
        let help = format!("Write `{path}` in this profile, with `{}` in place of `{}`.", item(instead), item(removed_host));
        found.with_help(path.index(at), message, help);
    }
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        if stack.origins.text(&var.declared) != Some(text) || MODES.iter().any(|mode| var.name.ends_with(mode)) {
            continue;
        }
        let is_inherited = stack.origins.is_inherited(&var.declared);
        let is_meant = is_inherited || (!says_other(&var.name, others) && stack.environment != EnvironmentKind::Development);
        // Of the application's own hosts another rule speaks, where there is an edge.
        if let Some(host) = removed(stack, text).filter(|_| is_meant && !(is_own(&var.name) && stack.edge.is_some())) {
            let what = if stack.edge.is_some() { "which this profile has taken out of the edge" } else { "a host of the edge that this profile has taken out" };
            let message = format!("`{}` names `{host}`, {what}", var.name);
            let help = match same(&edge, host) {
                Some(edge) if !is_inherited => format!("Write `{}: {}`.", var.name, text.replace(host, edge)),
                Some(edge) => format!("Write `{}: {}` in this profile, at `{}`.", var.name, text.replace(host, edge), var.declared.parent()),
                None => format!("Write a value of its own for `{}` in the profile of this environment.", var.declared),
            };
            found.with_help(var.declared.clone(), message, help);
            continue;
        }
        let word = text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| others.iter().any(|other| word.eq_ignore_ascii_case(other)));
        if let Some(word) = word {
            let message = format!("`{}` speaks of `{word}`, and this environment is {}", var.name, stack.environment.as_str());
            let help = format!("Write a value of its own for `{}` in the profile of this environment.", var.declared);
            found.with_help(var.declared.clone(), message, help);
        }
    }
}

/// True for a variable that is about another environment by its name.
fn says_other(name: &str, others: &[&str]) -> bool {
    name.split('_').any(|word| ["SOURCE", "UPSTREAM", "LIVE"].contains(&word) || others.iter().any(|other| word.eq_ignore_ascii_case(other)))
}

/// The host of the edge that stands here for one that was taken out: the only one, or the only one with the same first word.
fn same<'e>(edge: &[&'e str], removed: &str) -> Option<&'e str> {
    let first = |host: &str| host.split('.').next().map(str::to_owned);
    let alike: Vec<&str> = edge.iter().copied().filter(|host| first(host) == first(removed)).collect();
    match (edge, alike.as_slice()) {
        ([only], _) | (_, [only]) => Some(only),
        _ => None,
    }
}

/// The host in a text that is none of this environment's.
fn removed<'s>(stack: &'s Stack, text: &str) -> Option<&'s str> {
    // Mail comes from one address in all environments.
    let is_part = |c: char| c.is_ascii_alphanumeric() || ".-@".contains(c);
    let names = |host: &str| text.match_indices(host).any(|(at, host)| !text[..at].ends_with(is_part) && !text[at + host.len()..].starts_with(is_part));
    let is_here = |host: &str| stack.edge.iter().flat_map(|edge| &edge.hosts).any(|known| known.name.as_str() == host);
    stack.removed_hosts.iter().map(String::as_str).find(|host| !is_here(host) && names(host))
}
