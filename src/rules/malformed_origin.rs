//! A list of hosts or origins has items of another form.

use super::check_without_host::{is_list_of_hosts, items};
use super::typed_address::host;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "malformed-origin",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A list of origins has a host without a scheme, or a list of hosts has a URL",
    why: "Browsers send `Origin: https://HOST` and `Host: HOST`: an item of another form is equal to none of them, and Django does not even start with an origin that has no scheme.",
    instead: "Write origins with their scheme and without a path (`https://shop.example.com`), hosts without both.",
    check,
};

/// Words of names that are about origins that may ask.
const ORIGINS: [&str; 5] = ["CSRF", "CORS", "ALLOWED", "ALLOW", "TRUSTED"];

fn check(stack: &Stack, found: &mut Findings) {
    let hosts: Vec<&str> = stack.edge.iter().flat_map(|edge| &edge.hosts).map(|host| host.name.as_str()).collect();
    let mut said = Vec::new();
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        if stack.origins.text(&var.declared) != Some(text) || text.contains(['$', '^', '\\']) || said.contains(&&var.declared) {
            continue;
        }
        let name = var.name.to_ascii_uppercase();
        let is_origins = name.split('_').any(|word| ["ORIGIN", "ORIGINS"].contains(&word)) && name.split('_').any(|word| ORIGINS.contains(&word));
        let is_hosts = is_list_of_hosts(stack, &name);
        let list = items(text);
        // Which hosts are not the edge's is said by another rule.
        let is_elsewhere = !hosts.is_empty() && (is_hosts || name.ends_with("CSRF_TRUSTED_ORIGINS")) && !list.iter().any(|item| hosts.contains(&host(item)));
        if !(is_origins || is_hosts) || is_elsewhere {
            continue;
        }
        // Of these Django takes the host alone.
        let is_whole = |item: &str| name.contains("CSRF") && item.contains("://");
        let right = |item: &&str| match (is_hosts, is_whole(item)) {
            (true, _) => as_host(item),
            (false, true) => (*item).to_owned(),
            (false, false) => as_origin(item),
        };
        let fixed: Vec<String> = list.iter().map(right).collect();
        let Some((wrong, _)) = list.iter().zip(&fixed).find(|(item, fixed)| *item != fixed) else { continue };
        let what = match (is_hosts, wrong.contains("://")) {
            (true, _) => format!("`{wrong}` in `{}` is more than a host: it has neither scheme nor port", var.name),
            (false, true) => format!("`{wrong}` in `{}` has a path: an origin has none", var.name),
            (false, false) => format!("`{wrong}` in `{}` has no scheme: an origin has one", var.name),
        };
        let text = match (fixed.as_slice(), hosts.as_slice()) {
            ([one], [edge]) if host(one) == *edge => format!("{{from: edge.{}}}", if is_hosts { "host" } else { "url" }),
            _ => {
                // The form of the list stays: commas, spaces or JSON.
                let text =
                    list.iter().zip(&fixed).filter(|(item, fixed)| *item != fixed).fold(text.clone(), |text, (item, fixed)| text.replacen(item, fixed, 1));
                if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
            }
        };
        said.push(&var.declared);
        found.with_help(var.declared.clone(), what, format!("Write `{}: {text}`.", var.name));
    }
}

/// An item of a list of hosts: neither scheme nor port.
fn as_host(item: &str) -> String {
    let is_url = item.contains("://") || item.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if is_url && !item.starts_with('[') { host(item).to_owned() } else { item.to_owned() }
}

/// An item of a list of origins: with a scheme, without a path. Patterns and words stay what they are.
fn as_origin(item: &str) -> String {
    let is_name = |text: &str| {
        text.contains('.') && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._:".contains(c))
    };
    match item.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split_once('/').filter(|(host, _)| is_name(host)).map_or(rest, |(host, _)| host)),
        None if is_name(item) => format!("https://{item}"),
        None => item.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{as_host, as_origin};

    #[test]
    fn forms() {
        assert_eq!(as_origin("shop.example.com"), "https://shop.example.com");
        assert_eq!(as_origin("http://shop.example.com:8080/"), "http://shop.example.com:8080");
        for fine in ["*", "null", "https://*.example.com", "http://localhost:3000", "^https://.*$"] {
            assert_eq!(as_origin(fine), fine);
        }
        assert_eq!((as_host("https://shop.example.com/x"), as_host("a.b:80"), as_host(".b.c")), ("shop.example.com".into(), "a.b".into(), ".b.c".into()));
    }
}
