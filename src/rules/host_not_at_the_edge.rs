//! A variable names hosts that the edge does not have.

use super::check_without_host::items;
use super::typed_address::{host, port};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Edge, EnvValue, EnvVar, Service, Stack, TlsKind};

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-not-at-the-edge",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable says which hosts are the application's own, and none of them is at the edge, or one is without its TLS",
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
        in_command(service, edge, found);
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
        if stack.origins.text(&var.declared) != Some(text) {
            continue;
        }
        if !is_own(&var.name) {
            without_tls(edge, var, text, found);
            continue;
        }
        let named: Vec<&str> = items(text).into_iter().map(host).filter(|host| host.contains('.') || *host == "localhost").collect();
        let fits = |named: &str| edge.hosts.iter().any(|known| matches(named, known.name.as_str()));
        if named.is_empty() || text.contains("${") {
            continue;
        }
        if named.iter().any(|named| fits(named)) {
            without_tls(edge, var, text, found);
            continue;
        }
        let hosts: Vec<&str> = edge.hosts.iter().map(|host| host.name.as_str()).collect();
        let message = format!("`{}` names `{}`; the edge has `{}`", var.name, named.join("`, `"), hosts.join("`, `"));
        let help = match (hosts.as_slice(), text.split_once("://")) {
            // One address, and not a list of them.
            ([first, others @ ..], Some((_, rest))) if !others.is_empty() && named.len() == 1 && !is_list(&var.name) => {
                let scheme = if edge.tls == TlsKind::None { "http" } else { "https" };
                let path = rest.find('/').map_or("", |at| &rest[at..]);
                format!("Write `{}: {scheme}://{first}{path}`, or the same with {}.", var.name, either(others))
            }
            ([_], _) => format!("Write `{}: {{from: edge.{}}}`.", var.name, if text.contains("://") || var.name.ends_with("ORIGINS") { "url" } else { "host" }),
            _ if text.contains("://") => {
                let scheme = if edge.tls == TlsKind::None { "http" } else { "https" };
                let urls: Vec<String> = hosts.iter().map(|host| format!("{scheme}://{host}")).collect();
                format!("Write `{}: \"{}\"`, or those of them that are meant.", var.name, urls.join(","))
            }
            _ => format!("Write `{}: \"{}\"`, or those of them that are meant.", var.name, hosts.join(",")),
        };
        found.with_help(var.declared.clone(), message, help);
    }
}

/// Names in a choice: `a` or `b`.
fn either(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// True for a variable with several hosts or origins.
fn is_list(name: &str) -> bool {
    name.ends_with('S')
}

/// The edge sends everybody to HTTPS: an address of its own with `http` or `ws` is never that of a page.
fn without_tls(edge: &Edge, var: &EnvVar, text: &str, found: &mut Findings) {
    let is_plain = |item: &&str| ["http://", "ws://"].iter().any(|scheme| item.starts_with(scheme)) && port(item).is_none_or(|port| port == "80");
    let plain = items(text).into_iter().filter(is_plain).find(|item| edge.hosts.iter().any(|known| known.name.as_str() == host(item)));
    let Some(plain) = plain.filter(|_| edge.tls != TlsKind::None) else { return };
    let secure = plain.replacen("://", "s://", 1);
    // A list with both is right for everybody who uses HTTPS.
    if !is_own(&var.name) && text.contains(&secure) {
        return;
    }
    let right = text.replacen(plain, &secure, 1);
    let is_alone = edge.hosts.len() == 1 && is_own(&var.name) && plain.trim_end_matches('/') == text.trim_end_matches('/') && plain.matches('/').count() <= 3;
    let help = if is_alone { format!("Write `{}: {{from: edge.url}}`.", var.name) } else { format!("Write `{}: \"{right}\"`.", var.name) };
    // Browsers follow the edge to HTTPS, and open no socket without TLS from there.
    let why = if plain.starts_with("ws") { "pages that came by HTTPS may open no socket without TLS" } else { "the edge sends everybody to HTTPS" };
    found.with_help(var.declared.clone(), format!("`{}` has `{plain}`, and {why}", var.name), help);
}

/// True for a variable about the application's own hosts; `API_BASE_URL` may be somebody else's.
pub fn is_own(name: &str) -> bool {
    OWN.iter().any(|own| name == *own || (own.ends_with('S') && name.ends_with(own)))
}

/// The header `Host` that a command sends, in whatever language it is written.
fn in_command(service: &Service, edge: &Edge, found: &mut Findings) {
    let words = service.health.command.as_deref().unwrap_or_default();
    let Some((at, named)) = words.iter().enumerate().find_map(|(at, word)| Some((at, header(word)?))) else { return };
    let Some(first) = edge.hosts.first().filter(|_| !edge.hosts.iter().any(|known| known.name.as_str() == named)) else { return };
    let hosts: Vec<&str> = edge.hosts.iter().map(|host| host.name.as_str()).collect();
    let message = format!("the check of `{}` asks for `{named}`; the edge has `{}`", service.name, hosts.join("`, `"));
    let help = format!("Write `{}` in place of `{named}`; a program that knows its hosts refuses any other, and is never ready.", first.name);
    found.with_help(KeyPath::of(&["services", service.name.as_str(), "health", "command"]).index(at), message, help);
}

/// The host of `Host: NAME`, `'Host': 'NAME'` and their like.
pub fn header(text: &str) -> Option<&str> {
    let small = text.to_ascii_lowercase();
    let (at, _) = small.match_indices("host").find(|(at, word)| {
        let ends = small[at + word.len()..].trim_start_matches(['"', '\'']).trim_start().starts_with([':', ',']);
        ends && !small[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || "-_./".contains(c))
    })?;
    let rest = text[at + 4..].trim_start_matches(|c: char| c.is_whitespace() || "\"':,".contains(c));
    let name = &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c))).unwrap_or(rest.len())];
    // An address is none of the edge's hosts anywhere.
    (name.contains('.') && name.ends_with(|c: char| c.is_ascii_alphabetic())).then_some(name)
}

/// True if a name, or one with a wildcard in front, is this host.
fn matches(named: &str, known: &str) -> bool {
    let named = named.trim_start_matches('*');
    named == known || named.strip_prefix('.').is_some_and(|domain| known == domain || known.ends_with(named)) || named == "."
}

#[cfg(test)]
mod tests {
    use super::header;

    #[test]
    fn headers_of_commands() {
        assert_eq!(header("curl -f -H 'Host: shop.example.com' http://127.0.0.1:8000/"), Some("shop.example.com"));
        assert_eq!(header("u.Request('http://localhost:80/', headers={'Host': 'shop.example.com'})"), Some("shop.example.com"));
        assert_eq!(header("http://localhost:8000/"), None);
        assert_eq!(header("--host=shop.example.com, x-host: a.b"), None);
    }
}
