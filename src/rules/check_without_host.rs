//! A check asks an application by a name that it refuses.

use super::host_not_at_the_edge::header;
use super::typed_address::{host, port};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EnvValue, Service, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "check-without-host",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A check asks an application by an address that its list of hosts does not have",
    why: "Checks ask 127.0.0.1, or the address of a pod. A program that knows its hosts (Django's `ALLOWED_HOSTS`) answers any other with 400: it works, and is never ready.",
    instead: "Give the check one of the hosts: `health: {headers: {Host: api.example.com}}`.",
    check,
};

/// Clients of HTTP that fail on an answer of 400, and how a header is given to them.
const CLIENTS: [(&str, &str); 2] = [("curl", "-H"), ("wget", "--header")];

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| matches!(service.kind, ServiceKind::Web | ServiceKind::Worker)) {
        let Some((var, text)) = service.env.iter().filter(|var| is_list_of_hosts(stack, &var.name)).find_map(|var| match &var.value {
            EnvValue::Literal(text) => Some((var, text)),
            EnvValue::Parameter(_) | EnvValue::Secret { .. } => None,
        }) else {
            continue;
        };
        let list = items(text);
        let Some(first) = list.iter().map(|item| host(item).trim_start_matches('*').trim_start_matches('.')).find(|host| host.contains('.')) else { continue };
        if list.contains(&"*") || text.contains("${") {
            continue;
        }
        let edge = stack.edge.iter().flat_map(|edge| &edge.hosts).map(|host| host.name.as_str());
        let right = edge.clone().find(|known| list.contains(known)).or_else(|| edge.clone().find(|known| known.ends_with(first))).unwrap_or(first);
        let knows = |own: &str| list.iter().any(|item| host(item) == own);
        let root = KeyPath::of(&["services", service.name.as_str(), "health"]);
        let message = |asked: &str| {
            format!("`{}` is asked as {asked}, and its `{}` has `{}`: it answers 400, and is never ready", service.name, var.name, list.join("`, `"))
        };
        if let Some(asked) = by_address(stack, service).filter(|asked| !knows(asked)) {
            let written = if stack.origins.is_written(&root.key("ready")) { root.key("ready") } else { root.key("live") };
            let asked = if asked.is_empty() { "the address of its pod".to_owned() } else { format!("`{asked}`") };
            found.with_help(written, message(&asked), format!("Add `headers: {{Host: {right}}}` to its `health`."));
        }
        by_command(service, &root, right, &knows, &message, found);
    }
}

/// True for a variable with the hosts that an application answers to; `CORS_ALLOWED_HOSTS` is another list.
pub fn is_list_of_hosts(stack: &Stack, name: &str) -> bool {
    let prefix = name.strip_suffix("ALLOWED_HOSTS").map(|prefix| prefix.trim_end_matches('_').to_ascii_lowercase());
    prefix.is_some_and(|prefix| ["", "django"].contains(&prefix.as_str()) || prefix == stack.project.as_str().replace('-', "_"))
}

/// The items of a list that is one text, with commas, spaces or as JSON.
pub fn items(text: &str) -> Vec<&str> {
    text.split(|c: char| c.is_whitespace() || "[],;\"'".contains(c)).filter(|item| !item.is_empty()).collect()
}

/// The host that a check by `ready` or `live` names: 127.0.0.1 on one host, the pod's own, which nobody knows before, on a cluster.
fn by_address(stack: &Stack, service: &Service) -> Option<&'static str> {
    let health = &service.health;
    let has_host = health.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    // Another port is another server.
    if has_host || health.port.is_some() || service.ready_path().is_none() {
        return None;
    }
    if stack.targets.kubernetes.is_some() {
        return Some("");
    }
    (health.command.is_none() && service.has_engine_check()).then_some("127.0.0.1")
}

/// A command that asks the container itself.
fn by_command(service: &Service, root: &KeyPath, right: &str, knows: &dyn Fn(&str) -> bool, message: &dyn Fn(&str) -> String, found: &mut Findings) {
    let words = service.health.command.as_deref().unwrap_or_default();
    let line = words.join(" ");
    let Some((program, option)) = CLIENTS.iter().find(|(program, _)| line.split_whitespace().any(|word| word.rsplit('/').next() == Some(program))) else {
        return;
    };
    let is_fail = |word: &str| word.starts_with("--fail") || (word.starts_with('-') && !word.starts_with("--") && word.contains('f'));
    let fails = *program != "curl" || line.split_whitespace().any(is_fail);
    let mut urls = line.split_whitespace().map(|word| word.trim_matches(['"', '\''])).filter(|word| word.starts_with("http://"));
    let Some(url) = urls.next() else { return };
    let asked = host(url);
    let number = port(url).and_then(|port| port.parse::<u16>().ok());
    let is_own = ["127.0.0.1", "localhost"].contains(&asked) && (number.is_none() || number == service.port.map(crate::values::Port::get));
    if !is_own || !fails || knows(asked) || words.iter().any(|word| header(word).is_some()) {
        return;
    }
    let at = words.iter().position(|word| word.contains(url)).unwrap_or_default();
    let header = if words[at] == url { format!("`{option}, \"Host: {right}\"`") } else { format!("`{option} 'Host: {right}'`") };
    found.with_help(root.key("command").index(at), message(&format!("`{asked}`")), format!("Add {header} before `{url}`."));
}
