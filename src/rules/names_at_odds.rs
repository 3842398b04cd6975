//! Variables that are read together name another database, another user or another server.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images::{self, Family};
use crate::rules::unknown_host;
use crate::stack::{Backing, BackingService, EnvValue, EnvVar, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "names-at-odds",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A database, its user or its kind has another name here than at the server",
    why: "Variables with one prefix are read together: a server has the database and the user that it makes, knows its own password alone, and speaks its own language. With another name, everybody who connects is refused.",
    instead: "Write the name that the server has, or refer to one server in all of them.",
    check,
};

/// How names of variables end, and which part of a server they are about.
const PARTS: [(&str, &str); 8] = [
    ("HOST", "host"),
    ("HOSTNAME", "host"),
    ("SERVER", "host"),
    ("PORT", "port"),
    ("PASSWORD", "password"),
    ("PASS", "password"),
    ("USER", "user"),
    ("USERNAME", "user"),
];

/// How names of variables end that have the name of a database.
const DATABASES: [&str; 5] = ["DATABASE", "DBNAME", "DB_NAME", "NAME", "DB"];

/// How names of variables end that have the name of a user.
const USERS: [&str; 2] = ["USERNAME", "USER"];

/// How names of variables end that say which kind of database it is.
const KINDS: [&str; 6] = ["CONNECTION", "DRIVER", "DIALECT", "CLIENT", "ENGINE", "TYPE"];

/// Databases and users that servers have by themselves.
const BUILT_IN: [&str; 7] = ["root", "postgres", "template1", "mysql", "information_schema", "admin", "default"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said: Vec<&KeyPath> = Vec::new();
    for env in stack.services.iter().map(|service| &service.env) {
        for var in env {
            let Some((message, help)) = server(stack, env, var).or_else(|| name(stack, env, var)).or_else(|| kind(stack, env, var)) else { continue };
            if !said.contains(&&var.declared) {
                said.push(&var.declared);
                found.with_help(var.declared.clone(), message, help);
            }
        }
    }
    for store in &stack.backing_services {
        container(store, found);
    }
}

/// The backing service that a variable refers to.
pub fn referred<'s>(stack: &'s Stack, var: &EnvVar) -> Option<&'s BackingService> {
    let reference = stack.origins.text(&var.declared.key("from"))?;
    let owner = reference.split('.').next()?;
    stack.backing_services.iter().find(|store| store.name.as_str() == owner)
}

/// The variables beside one that refer to a backing service, by the prefix that they share: with the part that their names say.
fn beside<'e>(stack: &'e Stack, env: &'e [EnvVar], prefix: &'e str) -> impl Iterator<Item = (&'e EnvVar, &'static str, &'e BackingService)> {
    env.iter().filter_map(move |var| {
        let end = var.name.strip_prefix(prefix)?.strip_prefix('_')?;
        let (_, part) = PARTS.iter().find(|(known, _)| *known == end)?;
        Some((var, *part, referred(stack, var)?))
    })
}

/// The backing service that the variables beside one refer to, all of them, with the first that does.
pub fn of_siblings<'s>(stack: &'s Stack, env: &'s [EnvVar], prefix: &'s str) -> Option<(&'s EnvVar, &'s BackingService)> {
    let mut all = beside(stack, env, prefix).map(|(var, _, store)| (var, store));
    let (first, store) = all.next()?;
    all.all(|(_, other)| other.name == store.name).then_some((first, store))
}

/// The prefix of a name with one of these ends.
fn prefix<'n>(name: &'n str, ends: &[&str]) -> Option<&'n str> {
    ends.iter().find_map(|end| name.strip_suffix(end)?.strip_suffix('_')).filter(|prefix| !prefix.is_empty())
}

/// A reference to another server than the others with its prefix have.
fn server(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let (prefix, end) = var.name.rsplit_once('_')?;
    let (_, part) = PARTS.iter().find(|(known, _)| *known == end)?;
    let own = referred(stack, var)?;
    let all: Vec<_> = beside(stack, env, prefix).collect();
    let (other, _, others) = all.iter().find(|(.., store)| store.name != own.name)?;
    // Which of two is right says the prefix; if it does not, most of them do, and of as many the host.
    let meant = unknown_host::meant_by(stack, prefix);
    let count = |store: &BackingService| all.iter().filter(|(.., other)| other.name == store.name).count();
    let most = || all.iter().max_by_key(|(_, part, store)| (count(store), *part == "host")).map(|(.., store)| *store);
    let right = if let [only] = meant.as_slice() { *only } else { most()? };
    (own.name != right.name).then(|| {
        let message = format!("`{}` is that of `{}`, and `{}` beside it that of `{}`", var.name, own.name, other.name, others.name);
        let deliver = stack.origins.text(&var.declared.key("deliver")).map(|deliver| format!(", deliver: {deliver}")).unwrap_or_default();
        (message, format!("Write `{}: {{from: {}.{part}{deliver}}}`.", var.name, right.name))
    })
}

/// The name of a database or of a user that the server does not have.
fn name(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let text = literal(stack, var).filter(|text| !text.is_empty() && !BUILT_IN.contains(text))?;
    let (prefix, is_user) = match prefix(&var.name, &USERS) {
        Some(prefix) => (prefix, true),
        None => (prefix(&var.name, &DATABASES)?, false),
    };
    let (other, store) = of_siblings(stack, env, prefix)?;
    let (known, place) = match &store.kind {
        Backing::Redis => return None,
        Backing::Postgres { database, user, more, .. } => {
            let mut others = more.iter().map(|one| if is_user { one.user.as_str() } else { one.name.as_str() });
            // Of a server that somebody else runs, he knows what else it has.
            if store.server.is_none() || others.any(|known| known == text) {
                return None;
            }
            (if is_user { user.to_string() } else { database.to_string() }, if is_user { "user" } else { "database" })
        }
        Backing::Image(container) => {
            // Files and commands may make more of them.
            if store.server.as_ref().is_none_or(|server| !server.files.is_empty() || !server.command.is_empty()) || container.entrypoint.is_some() {
                return None;
            }
            // Where the server itself has two names, that is said there.
            let of_url = container.url.as_ref().map(|url| if is_user { url.user.as_str() } else { url.path.split('?').next().unwrap_or_default() });
            if of_url == Some(text) {
                return None;
            }
            if is_user { container.login_user()? } else { container.database()? }
        }
    };
    if known == text || BUILT_IN.contains(&known.as_str()) {
        return None;
    }
    let what = if is_user { "user" } else { "database" };
    let message =
        format!("`{}` is `{text}`, and the {what} of `{}`, which `{}` beside it leads to, is `{known}` by its `{place}`", var.name, store.name, other.name);
    let part = if is_user { "user" } else { "name" };
    let right = if store.kind.container().is_some() { known } else { format!("{{from: {}.{part}}}", store.name) };
    Some((message, format!("Write `{}: {right}`.", var.name)))
}

/// Another kind of database than the server is.
fn kind(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let text = literal(stack, var)?;
    let prefix = prefix(&var.name, &KINDS)?;
    let said = spoken(text)?;
    let (other, store) = of_siblings(stack, env, prefix)?;
    let own = family(store).filter(|own| *own != Family::Other && *own != said)?;
    let message = format!("`{}` is `{text}`, and `{}` beside it leads to `{}`, which is {}", var.name, other.name, store.name, own.title());
    let end = var.name.rsplit('_').next().unwrap_or_default();
    let word = match (own, end) {
        (Family::MySql, _) => "mysql",
        (Family::Postgres, "CONNECTION") => "pgsql",
        (Family::Postgres, "CLIENT") => "pg",
        (Family::Postgres, "DIALECT" | "TYPE") => "postgres",
        (Family::Postgres, _) => "postgresql",
        (Family::Mongo, _) => "mongodb",
        (Family::Redis, _) => "redis",
        (Family::Other, _) => return None,
    };
    let lead = text.rsplit_once('.').map(|(lead, _)| format!("{lead}.")).unwrap_or_default();
    Some((message, format!("Write `{}: {lead}{word}`.", var.name)))
}

/// The family that a word of a framework names.
pub fn spoken(text: &str) -> Option<Family> {
    match text.rsplit('.').next().unwrap_or(text) {
        "mysql" | "mysql2" | "mariadb" => Some(Family::MySql),
        "pgsql" | "pg" | "postgres" | "postgresql" => Some(Family::Postgres),
        "mongodb" | "mongo" => Some(Family::Mongo),
        _ => None,
    }
}

/// The family of a backing service.
pub fn family(store: &BackingService) -> Option<Family> {
    match &store.kind {
        Backing::Postgres { .. } => Some(Family::Postgres),
        Backing::Redis => Some(Family::Redis),
        Backing::Image(container) => known_images::family(container.image.name.as_str()),
    }
}

fn literal<'s>(stack: &Stack, var: &'s EnvVar) -> Option<&'s str> {
    let EnvValue::Literal(text) = &var.value else { return None };
    (stack.origins.text(&var.declared) == Some(text)).then_some(text)
}

/// What a container says of its own database and user.
fn container(store: &BackingService, found: &mut Findings) {
    let Some((container, image)) = store.kind.container().and_then(|container| Some((container, known_images::known(container.image.name.as_str())?))) else {
        return;
    };
    for var in &container.env {
        let EnvValue::Literal(text) = &var.value else { continue };
        if image.users().contains(&var.name.as_str()) && text == "root" {
            let of_url = container.url.as_ref().map(|url| url.user.clone()).filter(|user| !user.is_empty() && user != "root");
            let name = of_url.or_else(|| container.database().map(|(database, _)| database)).unwrap_or_else(|| "app".to_owned());
            let of_url =
                if container.url.as_ref().is_some_and(|url| url.user == "root") { format!(", and `user: {name}` in its `url`") } else { String::new() };
            let message = format!("`{}` is `root`, whom {} has already: its image refuses to start", var.name, image.title);
            found.with_help(var.declared.clone(), message, format!("Write `{}: {name}`{of_url}.", var.name));
        }
        let path = container.url.as_ref().map(|url| url.path.split('?').next().unwrap_or_default()).filter(|path| !path.is_empty());
        let has_files = store.server.as_ref().is_none_or(|server| !server.files.is_empty());
        if let Some(path) = path.filter(|path| image.databases().contains(&var.name.as_str()) && path != text && !has_files && !BUILT_IN.contains(path)) {
            let message = format!("`{}` is `{text}`, and the `url` of `{}` leads to the database `{path}`, which nobody makes", var.name, store.name);
            found.with_help(var.declared.clone(), message, format!("Write `{}: {path}`; or `path: {text}` in its `url`.", var.name));
        }
    }
}
