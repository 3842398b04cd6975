//! A number of a Redis database that there is not.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{AddressOf, Backing, BackingService, EnvValue, EnvVar, SecretValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-such-database",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable names a database of Redis that there is not",
    why: "Redis has the databases 0 to 15: each command of a client that wants another one fails.",
    instead: "Name one from 0 to 15: `{from: cache.url, path: 1}`.",
    check,
};

/// So many databases Redis has.
const DATABASES: u32 = 16;

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for service in &stack.services {
        for var in &service.env {
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

/// `REDIS_DB` beside `REDIS_HOST`.
fn by_variable<'s>(stack: &'s Stack, env: &[EnvVar], var: &EnvVar) -> Option<(&'s BackingService, u32, bool)> {
    let EnvValue::Literal(text) = &var.value else { return None };
    let start = var.name.strip_suffix("DB")?;
    let host = env.iter().find(|other| other.name.strip_suffix("HOST") == Some(start))?;
    let Some(AddressOf::Host(name)) = &host.address_of else { return None };
    Some((stores(stack).find(|store| store.name == *name)?, text.parse().ok()?, false))
}
