//! A database of Redis or PostgreSQL that there is not.

use super::names_at_odds::{BUILT_IN, referred};
use super::{Applies, Findings, Rule, unread_secret};
use crate::diagnostics::{Severity, nearest};
use crate::stack::{AddressOf, Backing, BackingService, EnvValue, EnvVar, SecretValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-such-database",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable names a database that there is not",
    why: "Redis has the databases 0 to 15, PostgreSQL that of its name and those in `databases`: a client that wants another one is refused.",
    instead: "Name one that there is: `{from: cache.url, path: 1}`, `{from: database.reports.url}`.",
    check,
};

/// So many databases Redis has.
const DATABASES: u32 = 16;

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for service in &stack.services {
        // What prepares the databases of Rails makes those that there are not.
        let makes_them = unread_secret::framework(stack, service, &found.around) == Some("Rails");
        for var in &service.env {
            if let Some((message, help)) = of_postgres(stack, var).filter(|_| !makes_them && !said.contains(&&var.declared)) {
                said.push(&var.declared);
                found.with_help(var.declared.key("path"), message, help);
            }
            let Some((store, number, is_path)) = by_url(stack, var).or_else(|| by_variable(stack, &service.env, var)) else { continue };
            if number < DATABASES || said.contains(&&var.declared) {
                continue;
            }
            said.push(&var.declared);
            let message = format!("`{}` wants the database {number} of `{}`, which has 0 to {}", var.name, store.name, DATABASES - 1);
            // What is one too far is most often the last one.
            let right = if is_path { format!("path: {}", DATABASES - 1) } else { format!("{}: {}", var.name, DATABASES - 1) };
            let path = if is_path { var.declared.key("path") } else { var.declared.clone() };
            found.with_help(path, message, format!("Write `{right}`, or another number below {DATABASES} that nothing else has."));
        }
    }
}

/// Redis servers that this deployment starts: what others run may have more.
fn stores(stack: &Stack) -> impl Iterator<Item = &BackingService> {
    stack.backing_services.iter().filter(|store| matches!(store.kind, Backing::Redis) && store.server.is_some())
}

/// The database in a connection string.
fn by_url<'s>(stack: &'s Stack, var: &EnvVar) -> Option<(&'s BackingService, u32, bool)> {
    let EnvValue::Secret { name, .. } = &var.value else { return None };
    let SecretValue::Derived(connection) = &stack.secret(name)?.value else { return None };
    let store = stores(stack).find(|store| connection.address == format!("{}:{}", store.host, store.port))?;
    let number = connection.path.split('?').next()?.parse().ok()?;
    Some((store, number, true))
}

/// A database in the path of a reference that a server of this deployment does not make.
fn of_postgres(stack: &Stack, var: &EnvVar) -> Option<(String, String)> {
    let key = |key: &str| stack.origins.text(&var.declared.key(key));
    let (path, store) = (key("path")?, referred(stack, var)?);
    let database = path.split('?').next().unwrap_or_default();
    let logins = store.logins();
    let is_there = logins.is_empty() || store.server.is_none() || logins.iter().any(|login| login.name == database);
    if database.is_empty() || is_there || BUILT_IN.contains(&database) || key("from")?.rsplit('.').next() != Some("url") {
        return None;
    }
    let names: Vec<String> = logins.iter().map(|login| format!("`{}`", login.name)).collect();
    let message = format!("`{}` wants the database `{database}` of `{}`, which has {}", var.name, store.name, names.join(", "));
    let near = nearest(database, logins.iter().map(|login| login.name)).and_then(|near| logins.iter().find(|login| login.name == near));
    let (reference, name) = near.map_or((format!("{}.{database}", store.name), database), |login| (login.reference.clone(), login.name));
    let more = |key: &str| stack.origins.text(&var.declared.key(key)).map(|text| format!(", {key}: {text}")).unwrap_or_default();
    let query = path.split_once('?').map(|(_, query)| format!(", path: \"{name}?{query}\"")).unwrap_or_default();
    let reference = format!("`{}: {{from: {reference}.url{}{query}{}}}`", var.name, more("scheme"), more("deliver"));
    let help = match near {
        Some(_) => format!("Write {reference}."),
        None if logins.len() > 1 => format!("Add `{database}: {{}}` to the `databases` of `{}`, and write {reference}.", store.name),
        None => format!("Add `databases: {{{database}: {{}}}}` to `{}`, and write {reference}.", store.name),
    };
    Some((message, help))
}

/// `REDIS_DB` beside `REDIS_HOST`.
fn by_variable<'s>(stack: &'s Stack, env: &[EnvVar], var: &EnvVar) -> Option<(&'s BackingService, u32, bool)> {
    let EnvValue::Literal(text) = &var.value else { return None };
    let start = var.name.strip_suffix("DB")?;
    let host = env.iter().find(|other| other.name.strip_suffix("HOST") == Some(start))?;
    let Some(AddressOf::Host(name)) = &host.address_of else { return None };
    Some((stores(stack).find(|store| store.name == *name)?, text.parse().ok()?, false))
}
