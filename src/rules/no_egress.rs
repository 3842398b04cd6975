//! A variable has an address outside, and nothing outside is reached.

use super::typed_address::{address, authority, host};
use super::{Applies, Findings, Rule, quoted};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EnvValue, EnvVar, Stack};
use crate::values::HostPort;

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-egress",
    severity: Severity::Info,
    applies: Applies::Deployed,
    what: "A variable has an address outside that the service cannot reach",
    why: "On Compose and on Kubernetes a service reaches what it depends on, and outside only what `egress` names.",
    instead: "Name it in `egress`, as HOST:PORT. If only browsers use the address, all is well.",
    check,
};

/// Ports of schemes.
const PORTS: [(&str, u16); 14] = [
    ("https", 443),
    ("wss", 443),
    ("http", 80),
    ("ws", 80),
    ("grpc", 443),
    ("smtp", 587),
    ("smtps", 465),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("redis", 6379),
    ("rediss", 6379),
    ("amqp", 5672),
    ("amqps", 5671),
];

/// Words in names of variables whose addresses are for browsers and for people, or are names and no addresses.
const SHOWN: [&str; 28] = [
    "ORIGIN",
    "CORS",
    "ALLOW",
    "TRUSTED",
    "PUBLIC",
    "EXTERNAL",
    "SITE",
    "FRONTEND",
    "REDIRECT",
    "CALLBACK",
    "CDN",
    "STATIC",
    "MEDIA",
    "ASSET",
    "LOGO",
    "HOME",
    "TERMS",
    "PRIVACY",
    "SUPPORT",
    "DOCS",
    "LINK",
    "REFERER",
    "REFERRER",
    "CSP",
    "AUDIENCE",
    "NAMESPACE",
    "VIRTUAL",
    "DOMAIN",
];
/// Such names as a whole.
const OWN: [&str; 7] = ["URL", "BASE_URL", "APP_URL", "WEB_URL", "ROOT_URL", "SERVER_URL", "HOST"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut list = Vec::new();
    for service in &stack.services {
        // What publishes a port is on a network that is open.
        let is_open = stack.targets.kubernetes.is_none()
            && (!service.egress.is_empty() || service.reports_errors || service.publish.is_some() || service.ports.iter().any(|port| port.publish.is_some()));
        if !is_open {
            look(stack, ["services", service.name.as_str()], (&service.env, &service.egress, service.reports_errors), &mut list);
        }
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let is_open =
            stack.targets.kubernetes.is_none() && (!container.egress.is_empty() || store.server.as_ref().is_some_and(|server| server.publish.is_some()));
        if !is_open {
            look(stack, ["backing_services", store.name.as_str()], (&container.env, &container.egress, false), &mut list);
        }
    }
    while let Some(Unreached { var, host, port, .. }) = list.first() {
        let target = format!("{host}:{port}");
        // A variable that several have, by `like` or by a block, is said once.
        let (all, others): (Vec<Unreached<'_>>, Vec<Unreached<'_>>) = list.iter().copied().partition(|other| other.var.declared == var.declared);
        let names = quoted(all.iter().map(|one| one.at[1]));
        let message = format!("`{}` has the address of `{host}`, and {names} may not reach it", var.name);
        let (with, without): (Vec<&Unreached<'_>>, Vec<&Unreached<'_>>) =
            all.iter().partition(|one| stack.origins.is_written(&KeyPath::of(&one.at).key("egress")));
        let of_some = |list: &[&Unreached<'_>]| quoted(list.iter().map(|one| one.at[1]));
        let mut steps = Vec::new();
        if !without.is_empty() {
            steps.push(format!("write `egress: [\"{target}\"]` at {}", of_some(&without)));
        }
        if !with.is_empty() {
            steps.push(format!("add `\"{target}\"` to the `egress` of {}", of_some(&with)));
        }
        let step = steps.join(", and ");
        let whose = if all.len() == 1 { "If the service calls it" } else { "Where a service calls it" };
        found.with_help(var.declared.clone(), message, format!("{whose}, {step}."));
        list = others;
    }
}

/// A variable's address, and who has it without a way there.
#[derive(Clone, Copy)]
struct Unreached<'s> {
    var: &'s EnvVar,
    host: &'s str,
    port: u16,
    /// Section and name.
    at: [&'s str; 2],
}

fn look<'s>(stack: &'s Stack, at: [&'s str; 2], (env, egress, reports_errors): (&'s [EnvVar], &[HostPort], bool), list: &mut Vec<Unreached<'s>>) {
    for var in env {
        let Some(text) = address(stack, var).filter(|text| is_outside(stack, var, text)) else { continue };
        let Some(port) = port(stack, env, var, text).filter(|port| !(reports_errors && *port == 443)) else { continue };
        // A policy knows ports alone, Compose not even those.
        if egress.iter().all(|known| known.port() != port) {
            list.push(Unreached { var, host: host(text), port, at });
        }
    }
}

/// True for an address of somebody else's.
fn is_outside(stack: &Stack, var: &EnvVar, text: &str) -> bool {
    let (host, name) = (host(text), var.name.to_ascii_uppercase());
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_name = host.contains('.') && host.bytes().all(|c| c.is_ascii_alphanumeric() || b".-".contains(&c));
    let is_inside = ["127.", "0.", "169.254."].iter().any(|start| host.starts_with(start))
        || [".local", ".internal", ".svc", ".localhost"].iter().any(|end| host.ends_with(end));
    let is_known = stack.backing_services.iter().any(|store| store.host == host);
    let is_web = matches!(scheme, Some("http" | "https" | "ws" | "wss") | None);
    let is_shown = is_web && (SHOWN.iter().any(|word| name.contains(word)) || OWN.contains(&name.as_str()));
    let is_own = is_web && scheme.is_some() && stack.edge.iter().flat_map(|edge| &edge.hosts).any(|own| site(own.name.as_str()) == site(host));
    // A list of addresses is none.
    is_name && !is_inside && !is_known && !is_shown && !is_own && !text.contains([',', ' '])
}

/// The last two parts of a host's name.
fn site(host: &str) -> &str {
    host.rmatch_indices('.').nth(1).map_or(host, |(at, _)| &host[at + 1..])
}

/// The port that is written, that of the scheme, or that of the variable beside it: `SMTP_HOST` and `SMTP_PORT`.
fn port(stack: &Stack, env: &[EnvVar], var: &EnvVar, text: &str) -> Option<u16> {
    if let Some((_, port)) = authority(text).rsplit_once(':') {
        return port.parse().ok();
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.split('+').next().unwrap_or(scheme));
    if let Some(scheme) = scheme {
        return PORTS.iter().find(|known| known.0 == scheme).map(|known| known.1);
    }
    let beside = ["HOST", "SERVER", "ADDRESS"].iter().find_map(|end| var.name.strip_suffix(end)).map(|start| format!("{start}PORT"))?;
    let number = |other: &EnvVar| match &other.value {
        EnvValue::Literal(text) => text.parse().ok(),
        EnvValue::Parameter(name) => stack.parameter(name)?.default.parse().ok(),
        EnvValue::Secret { .. } => None,
    };
    let written = env.iter().find(|other| other.name == beside).and_then(number);
    written.or_else(|| ["SMTP", "MAIL"].iter().any(|word| var.name.contains(word)).then_some(587))
}
