//! A variable names hosts that the edge does not have.

use super::typed_address::host;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-not-at-the-edge",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable says which hosts are the application's own, and none of them is at the edge",
    why: "A program that is asked for another host than it knows refuses the request (Django's `ALLOWED_HOSTS`), or sends people to the other one by its links and redirects.",
    instead: "Write `{from: edge.host}` or `{from: edge.url}`: it follows the profile that is rendered.",
    check,
};

/// Names of variables that are about the application's own hosts, in whole or behind a prefix.
const OWN: [&str; 9] =
    ["ALLOWED_HOSTS", "TRUSTED_HOSTS", "CSRF_TRUSTED_ORIGINS", "PUBLIC_URL", "SITE_URL", "BASE_URL", "APP_URL", "EXTERNAL_URL", "NEXTAUTH_URL"];

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = &stack.edge else { return };
    for service in &stack.services {
        let header = service.health.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let Some((name, value)) = header.filter(|(_, value)| value.contains('.') && !edge.hosts.iter().any(|known| known.name.as_str() == host(value))) else {
            continue;
        };
        let hosts: Vec<&str> = edge.hosts.iter().map(|host| host.name.as_str()).collect();
        let message = format!("the check of `{}` asks for `{value}`; the edge has `{}`", service.name, hosts.join("`, `"));
        let help = format!("Write `{name}: {}`; a program that knows its hosts refuses any other, and is never ready.", hosts[0]);
        found.with_help(KeyPath::of(&["services", service.name.as_str(), "health", "headers", name]), message, help);
    }
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        // `API_BASE_URL` may be somebody else's.
        let is_own = OWN.iter().any(|own| var.name == *own || (own.ends_with('S') && var.name.ends_with(own)));
        if !is_own || stack.origins.text(&var.declared) != Some(text) {
            continue;
        }
        let named: Vec<&str> = text.split(|c: char| c.is_whitespace() || "[],;\"'".contains(c)).map(host).filter(|host| host.contains('.')).collect();
        let fits = |named: &str| edge.hosts.iter().any(|known| matches(named, known.name.as_str()));
        if named.is_empty() || text.contains("${") || named.iter().any(|named| fits(named)) {
            continue;
        }
        let hosts: Vec<&str> = edge.hosts.iter().map(|host| host.name.as_str()).collect();
        let message = format!("`{}` names `{}`; the edge has `{}`", var.name, named.join("`, `"), hosts.join("`, `"));
        let help = match hosts.as_slice() {
            [_] => format!("Write `{}: {{from: edge.{}}}`.", var.name, if text.contains("://") || var.name.ends_with("ORIGINS") { "url" } else { "host" }),
            _ => format!("Write `{}: \"{}\"`, or those of them that are meant.", var.name, hosts.join(",")),
        };
        found.with_help(var.declared.clone(), message, help);
    }
}

/// True if a name, or one with a wildcard in front, is this host.
fn matches(named: &str, known: &str) -> bool {
    let named = named.trim_start_matches('*');
    named == known || named.strip_prefix('.').is_some_and(|domain| known == domain || known.ends_with(named)) || named == "."
}
