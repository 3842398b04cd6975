//! The address of a backing service is written by hand.

use super::names_at_odds::{is_virtual_host, logs_in_beside};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{Backing, BackingService, EnvValue, EnvVar, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "typed-address",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable has the address of a backing service as a text",
    why: "Infragen makes the password, so that the text has a wrong one or none; and who has only a text neither waits for the service nor reaches it on its network.",
    instead: "Write `{from: NAME.url}`: it has the password, the service waits, and the network leads there.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        let Some((store, text)) = typed(stack, var) else { continue };
        let (name, has_password) = (store.name.as_str(), store.password.is_some());
        let mut services = stack.services.iter().filter(|service| service.env.iter().any(|known| known.declared == var.declared)).peekable();
        let waits = services.peek().is_some() && services.all(|service| service.depends_on.iter().any(|dependency| dependency.name == store.name));
        let lacks = match (has_password, waits) {
            (true, true) => "its password does not come with the text",
            (true, false) => "neither its password nor a dependency on it comes with the text",
            (false, false) => "no dependency on it comes with the text",
            // Who waits for it, and needs no password, reaches it by any text.
            (false, true) => continue,
        };
        // Java has user and password in variables of their own.
        let for_java = for_java(store, &var.name, path(text)).filter(|_| text.starts_with("jdbc:"));
        let logins = store.logins();
        let password = logins.iter().find(|login| login.name == path(text)).or(logins.first()).and_then(|login| login.password);
        let has_secret = |service: &Service| {
            let is_it = |var: &EnvVar| matches!(&var.value, EnvValue::Secret { name, .. } if Some(name.as_str()) == password);
            // Of another database's login beside it another rule speaks.
            service.env.iter().any(is_it) || logs_in_beside(stack, &service.env, var, store)
        };
        let mut users = stack.services.iter().filter(|service| service.env.iter().any(|known| known.declared == var.declared));
        if for_java.is_some() && waits && users.all(has_secret) {
            continue;
        }
        let help = for_java.unwrap_or_else(|| format!("Write `{}: {}`.", var.name, reference(store, text)));
        found.with_help(var.declared.clone(), format!("`{}` has the address of `{name}` as a text: {lacks}", var.name), help);
    }
}

/// The backing service whose address stands in a variable, and the text. What refers to it does not count.
pub fn typed<'s>(stack: &'s Stack, var: &'s EnvVar) -> Option<(&'s BackingService, &'s str)> {
    let text = address(stack, var)?;
    Some((stack.backing_services.iter().find(|store| store.name.as_str() == host(text))?, text))
}

/// The address that is written in a variable: a URL, or what is an address by its port or by the variable's name.
pub fn address<'s>(stack: &Stack, var: &'s EnvVar) -> Option<&'s str> {
    let EnvValue::Literal(text) = &var.value else { return None };
    let is_text = stack.origins.text(&var.declared) == Some(text) && !text.contains("${");
    let name = var.name.to_ascii_uppercase();
    // Flask calls it MAIL_SERVER.
    let is_host = (name.ends_with("HOST") && !is_virtual_host(&name))
        || (["MAIL", "SMTP"].iter().any(|word| name.contains(word)) && ["SERVER", "ADDRESS"].iter().any(|end| name.ends_with(end)));
    let is_address = text.contains("://") || text.contains(':') || (is_host && !text.contains('@'));
    // `name:word` is no address.
    (is_text && is_address && (text.contains("://") || port(text).is_none_or(|port| port.parse::<u16>().is_ok()))).then_some(text)
}

/// The host of `SCHEME://USER:PASSWORD@HOST:PORT/PATH`, or of HOST:PORT.
pub fn host(text: &str) -> &str {
    authority(text).split(':').next().unwrap_or_default()
}

/// The port of the same, as it is written.
pub fn port(text: &str) -> Option<&str> {
    authority(text).split_once(':').map(|(_, port)| port)
}

/// `USER:PASSWORD@HOST:PORT` without the user.
pub fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The database that the path of an address names; empty if none.
pub fn path(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split_once('/').map_or("", |(_, path)| path).split(['?', '#', ';']).next().unwrap_or_default()
}

/// What Java has in place of a connection string, for one database of a server: an address of its own form, and two more variables.
pub fn for_java(store: &BackingService, variable: &str, database: &str) -> Option<String> {
    let logins = store.logins();
    let login = logins.iter().find(|login| login.name == database).or(logins.first())?;
    let (start, reference, name) = (variable.trim_end_matches("URL"), &login.reference, login.name);
    Some(format!(
        "Write `{variable}: \"jdbc:postgresql://{}:{}/{name}\"`, with `{start}USERNAME: {{from: {reference}.user}}` and `{start}PASSWORD: {{from: {reference}.password}}`.",
        store.host, store.port
    ))
}

/// What refers to the same, with the scheme and the path that the text has.
pub fn reference(store: &BackingService, text: &str) -> String {
    let name = &store.name;
    let Some((scheme, rest)) = text.split_once("://") else {
        return format!("{{from: {name}.{}}}", if port(text).is_some() { "address" } else { "host" });
    };
    let (usual, has_url) = match &store.kind {
        Backing::Postgres { .. } => ("postgresql", true),
        Backing::Redis => ("redis", true),
        Backing::Image(container) => (container.url.as_ref().map_or("", |url| url.scheme.as_str()), container.url.is_some()),
    };
    if !has_url {
        return format!("{{from: {name}.address}}");
    }
    // What runs here without TLS is not asked for it.
    let scheme = scheme.strip_suffix('s').filter(|plain| *plain == usual && !store.tls && store.server.is_some()).unwrap_or(scheme);
    let scheme = if scheme == usual || scheme == "postgres" { String::new() } else { format!(", scheme: {scheme}") };
    // The database of PostgreSQL is that of the store; of Redis it is a number.
    let path = rest.split_once('/').map(|(_, path)| path).filter(|path| matches!(store.kind, Backing::Redis) && !matches!(*path, "" | "0"));
    format!("{{from: {name}.url{scheme}{}}}", path.map(|path| format!(", path: \"{path}\"")).unwrap_or_default())
}
