//! A variable has another part of an address than its name says.

use super::typed_address::for_java;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{Backing, EnvVar, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-part",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable has another part of an address, or the address of another server, than its name says",
    why: "A program that reads `REDIS_URL` wants all of `redis://:PASSWORD@HOST:PORT`; with the host alone it does not start, or connects without a password.",
    instead: "Refer to the part that the variable is named after, such as `{from: cache.url}` or `{from: cache.host}`.",
    check,
};

/// How a name ends, the parts that may stand there, and the one that is meant.
const ENDS: [(&[&str], &[&str], &str); 7] = [
    (&["ALLOWED_HOSTS", "TRUSTED_HOSTS"], &["host"], "host"),
    (&["_ORIGINS", "_ORIGIN"], &["url"], "url"),
    (&["_URL", "_URI", "_DSN"], &["url", "address"], "url"),
    (&["_HOST", "_HOSTNAME"], &["host", "address"], "host"),
    (&["_PORT"], &["port"], "port"),
    (&["_PASSWORD", "_PASS"], &["password"], "password"),
    (&["_USER", "_USERNAME"], &["user"], "user"),
];

/// Parts that are known to be another one: what else there is (`pool`, a named port) is called anything.
const PARTS: [&str; 7] = ["url", "address", "host", "port", "password", "user", "database"];

/// Beginnings of schemes of other servers than PostgreSQL and Redis.
const OTHERS: [&str; 8] = ["mysql", "mariadb", "mongodb", "amqp", "sqlite", "mssql", "oracle", "http"];

/// Names of variables with the address of a database.
const DATABASES: [&str; 5] = ["DATABASE_URL", "DATABASE_URI", "DATABASE_HOST", "DB_URL", "DB_HOST"];

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        let Some(reference) = stack.origins.text(&var.declared.key("from")) else { continue };
        if let Some(scheme) = stack.origins.text(&var.declared.key("scheme")) {
            let owner = reference.split('.').next().unwrap_or_default();
            let (title, other) = match stack.backing_services.iter().find(|store| store.name.as_str() == owner).map(|store| &store.kind) {
                Some(Backing::Postgres { .. }) => ("PostgreSQL", "redis"),
                Some(Backing::Redis) => ("Redis", "postgres"),
                _ => continue,
            };
            if OTHERS.iter().chain([&other]).any(|start| scheme.starts_with(start)) {
                let message = format!("`{}` speaks `{scheme}` to `{owner}`, which is {title}", var.name);
                found.with_help(var.declared.key("scheme"), message, format!("Write `{}: {{from: {reference}{}}}`.", var.name, delivery(stack, var)));
                continue;
            }
        }
        if let Some(message) = java(var, reference) {
            let owner = reference.split('.').next().unwrap_or_default();
            let store = stack.backing_services.iter().find(|store| store.name.as_str() == owner);
            let database = reference.split('.').nth(1).unwrap_or_default();
            if let Some(help) = store.and_then(|store| for_java(store, &var.name, database)) {
                found.with_help(var.declared.clone(), message, help);
                continue;
            }
        }
        if let Some((message, help)) = other_server(stack, var, reference) {
            found.with_help(var.declared.clone(), message, help);
            continue;
        }
        let Some((owner, part)) = reference.rsplit_once('.').filter(|(_, part)| PARTS.contains(part)) else { continue };
        let name = var.name.to_ascii_uppercase();
        let Some((_, fit, meant)) = ENDS.iter().find(|(ends, ..)| ends.iter().any(|end| name.ends_with(end))) else { continue };
        // What is called a host of the application's own is a whole address in some programs.
        let has = owner != "edge" || *meant == "url" || name.ends_with("HOSTS");
        if fit.contains(&part) || !has {
            continue;
        }
        let message = format!("`{}` gets the {part} of `{owner}`, and is named after its {meant}", var.name);
        found.with_help(
            var.declared.clone(),
            message,
            format!("Write `{}: {{from: {owner}.{meant}{}}}`.", var.name, if meant == &"url" { delivery(stack, var) } else { String::new() }),
        );
    }
}

/// How the variable says that its value comes, for a proposal that leaves the rest as it is.
fn delivery(stack: &Stack, var: &EnvVar) -> String {
    stack.origins.text(&var.declared.key("deliver")).map(|word| format!(", deliver: {word}")).unwrap_or_default()
}

/// What is wrong with a connection string for Java, which wants its own.
fn java(var: &EnvVar, reference: &str) -> Option<String> {
    let is_java = ["JDBC_URL", "DATASOURCE_URL", "JDBC_DATABASE_URL", "FLYWAY_URL"].iter().any(|end| var.name.ends_with(end));
    (is_java && reference.split_once('.').is_some_and(|(_, part)| part == "url"))
        .then(|| format!("`{}` gets `postgresql://USER:PASSWORD@HOST`, and Java wants `jdbc:postgresql://HOST`", var.name))
}

/// What is of another kind than the name of the variable says: tasks in PostgreSQL, a database in Redis.
fn other_server(stack: &Stack, var: &EnvVar, reference: &str) -> Option<(String, String)> {
    let (owner, part) = reference.split_once('.').filter(|(_, part)| ["url", "address", "host"].contains(part))?;
    let scheme = stack.origins.text(&var.declared.key("scheme")).unwrap_or_default();
    let kind = &stack.backing_services.iter().find(|store| store.name.as_str() == owner)?.kind;
    let name = var.name.to_ascii_uppercase();
    let has = |words: &[&str]| name.split('_').any(|part| words.contains(&part));
    let is_database = DATABASES.iter().any(|known| name == *known || name.strip_prefix("SQLALCHEMY_") == Some(known));
    let (is_there, what, wants_redis) = match kind {
        // Celery can, by SQLAlchemy, if it is told so.
        Backing::Postgres { .. } if has(&["BROKER"]) && !scheme.contains('+') => ("PostgreSQL", "a broker", true),
        Backing::Postgres { .. } if has(&["REDIS", "VALKEY"]) => ("PostgreSQL", "Redis", true),
        Backing::Redis if has(&["POSTGRES", "POSTGRESQL"]) || is_database => ("Redis", "a database", false),
        _ => return None,
    };
    let fits = |kind: &Backing| match kind {
        Backing::Redis => wants_redis,
        Backing::Postgres { .. } => !wants_redis,
        Backing::Image(container) => what == "a broker" && container.url.as_ref().is_some_and(|url| url.scheme.starts_with("amqp")),
    };
    let message = format!("`{}` leads to `{owner}`, which is {is_there} and not {what}", var.name);
    let help = match stack.backing_services.iter().find(|store| fits(&store.kind)) {
        Some(right) => format!("Write `{}: {{from: {}.{part}{}}}`.", var.name, right.name, delivery(stack, var)),
        None if wants_redis => {
            format!(
                "Add `queue: {{kind: redis, version: \"7\", eviction: noeviction, persistence: append_only}}` to `backing_services`, and write `{}: {{from: queue.{part}}}`.",
                var.name
            )
        }
        None => format!("Add `database: {{kind: postgres, version: \"17\"}}` to `backing_services`, and write `{}: {{from: database.{part}}}`.", var.name),
    };
    Some((message, help))
}
