//! Variables that are read together say different things.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{AddressOf, EnvValue, EnvVar, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variables-at-odds",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Variables that a program reads together do not fit each other",
    why: "Host and port are put together: with a port in both, or with the port of another server, nobody is reached. A mail server speaks TLS from the start (465), or begins without (587).",
    instead: "Say the host, its port and its TLS each in one variable, as the server has them.",
    check,
};

/// What is on in the environment of a program.
const ON: [&str; 4] = ["true", "1", "yes", "on"];

/// How names end that ask for TLS after the greeting, and from the start.
const TLS: [(&str, &str); 2] = [("USE_TLS", "USE_SSL"), ("MAIL_STARTTLS", "MAIL_SSL_TLS")];

/// How names end that switch TLS from the start on and off, and that of their port.
const AT_ONCE: [(&str, &str); 4] = [("USE_SSL", "PORT"), ("MAIL_SSL_TLS", "MAIL_PORT"), ("SECURE", "PORT"), ("SSL", "PORT")];

/// What is off in the environment of a program.
const OFF: [&str; 4] = ["false", "0", "no", "off"];

/// How names begin that are about mail.
const MAIL: [&str; 3] = ["EMAIL", "MAIL", "SMTP"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    let containers = stack.backing_services.iter().filter_map(|store| store.kind.container()).map(|container| &container.env);
    for env in stack.services.iter().map(|service| &service.env).chain(containers) {
        for var in env {
            let Some((message, help)) = host(stack, env, var).or_else(|| port(stack, env, var)).or_else(|| tls(env, var)) else { continue };
            if !said.contains(&&var.declared) {
                said.push(&var.declared);
                found.with_help(var.declared.clone(), message, help);
            }
        }
    }
}

/// The text of a variable that is beside this one: what it has in place of an end of its name.
fn beside<'e>(env: &'e [EnvVar], name: &str, end: &str, other: &str) -> Option<&'e EnvVar> {
    let start = name.strip_suffix(end)?;
    env.iter().find(|var| var.name.strip_suffix(other) == Some(start))
}

fn text(var: &EnvVar) -> Option<&str> {
    if let EnvValue::Literal(text) = &var.value { Some(text) } else { None }
}

fn is_on(var: &EnvVar) -> bool {
    text(var).is_some_and(|text| ON.contains(&text.to_ascii_lowercase().as_str()))
}

/// A host with a port, where the port has a variable of its own.
fn host(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let written = text(var).filter(|text| stack.origins.text(&var.declared) == Some(text))?;
    let port = ["HOST", "HOSTNAME", "SERVER"].iter().find_map(|end| beside(env, &var.name, end, "PORT"))?;
    let (host, number) = written.split_once(':')?;
    let is_name = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (is_name && number.parse::<u16>().is_ok()).then(|| {
        let message = format!("`{}` has a port, and `{}` has one, too", var.name, port.name);
        (message, format!("Write `{}: {host}`.", var.name))
    })
}

/// Another port than that of the host beside it.
fn port(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let number: u16 = text(var).filter(|_| var.address_of.is_none())?.parse().ok()?;
    let host = ["HOST", "HOSTNAME", "SERVER"].iter().find_map(|end| beside(env, &var.name, "PORT", end))?;
    if let Some(AddressOf::Host(name)) = &host.address_of {
        let store = stack.backing_services.iter().find(|store| store.name == *name)?;
        let ports = || store.ports().iter().map(|port| port.port.get()).chain([store.port.get()]);
        let message = format!("`{}` is {number}, and `{name}` beside it in `{}` listens on {}", var.name, host.name, store.port);
        return (!ports().any(|port| port == number)).then(|| (message, format!("Write `{}: {{from: {name}.port}}`.", var.name)));
    }
    let service = stack.services.iter().find(|service| text(host) == Some(service.name.as_str()))?;
    let own = service.port?.get();
    let is_known = own == number || service.ports.iter().any(|port| port.port.get() == number);
    let message = format!("`{}` is {number}, and `{}` beside it in `{}` listens on {own}", var.name, service.name, host.name);
    (!is_known).then(|| (message, format!("Write `{}: {own}`.", var.name)))
}

/// No TLS from the start at a port that speaks nothing else.
fn off(env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    text(var).filter(|text| OFF.contains(&text.to_ascii_lowercase().as_str()))?;
    let (end, port) = AT_ONCE.iter().find(|(end, _)| var.name.ends_with(end))?;
    let port = beside(env, &var.name, end, port).filter(|port| text(port) == Some("465"))?;
    // Of another way that is on, that one is said.
    let start = var.name.strip_suffix(end)?;
    let is_other = |other: &EnvVar| other.name.starts_with(start) && ["TLS", "SSL", "SECURE"].iter().any(|word| other.name.contains(word)) && is_on(other);
    (!env.iter().any(is_other)).then(|| {
        let message = format!("`{}` is off, and port 465 speaks TLS from the start", var.name);
        (message, format!("Write `{}: true`; or `{}: 587`, where TLS follows after the greeting, with the `egress` to it.", var.name, port.name))
    })
}

/// Two ways of TLS at once, or one that the port does not have.
fn tls(env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    if !MAIL.iter().any(|start| var.name.starts_with(start)) {
        return None;
    }
    if !is_on(var) {
        return off(env, var);
    }
    let name = &var.name;
    for (later, at_once) in TLS {
        // The second pair has its prefix in it.
        let port_of = |end: &str| if end.starts_with("MAIL") { "MAIL_PORT" } else { "PORT" };
        let number = |end: &str| beside(env, name, end, port_of(end)).and_then(text);
        let other = |end: &str, other: &str| format!("{}{other}", name.strip_suffix(end).unwrap_or_default());
        if name.ends_with(later) {
            if let Some(both) = beside(env, name, later, at_once).filter(|both| is_on(both)) {
                let (off, on) = if number(later) == Some("465") { (name, &both.name) } else { (&both.name, name) };
                let message = format!("`{name}` and `{}` are both on: they exclude each other", both.name);
                return Some((message, format!("Write `{off}: false`; `{on}` stays.")));
            }
            if number(later) == Some("465") {
                let message = format!("`{name}` asks for TLS after the greeting, and port 465 speaks it from the start");
                return Some((
                    message,
                    format!("Write `{}: true` in its place, or `{}: 587`, with the `egress` to it.", other(later, at_once), other(later, port_of(later))),
                ));
            }
        } else if name.ends_with(at_once) && matches!(number(at_once), Some("587" | "25")) && !beside(env, name, at_once, later).is_some_and(is_on) {
            let message = format!("`{name}` speaks TLS from the start, and port {} begins without", number(at_once).unwrap_or_default());
            return Some((
                message,
                format!("Write `{}: true` in its place, or `{}: 465`, with the `egress` to it.", other(at_once, later), other(at_once, port_of(at_once))),
            ));
        }
    }
    // What clients of Node.js call `secure` is TLS from the start.
    let number = beside(env, name, "SECURE", "PORT").and_then(text)?;
    (number == "587").then(|| {
        let message = format!("`{name}` speaks TLS from the start, and port 587 begins without");
        (message, format!("Write `{name}: false`: TLS follows after the greeting; or port 465."))
    })
}
