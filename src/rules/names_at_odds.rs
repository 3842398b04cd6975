//! Variables that are read together name another database, another user or another server.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images::{self, Family};
use crate::rules::{typed_address, unknown_host};
use crate::stack::{Backing, BackingService, EnvValue, EnvVar, Login, Stack};

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

/// How names of variables end that have the name of a virtual host: longer ones first.
const VIRTUAL_HOSTS: [&str; 2] = ["VIRTUAL_HOST", "VHOST"];

/// How names of variables end that say which kind of database it is.
const KINDS: [&str; 6] = ["CONNECTION", "DRIVER", "DIALECT", "CLIENT", "ENGINE", "TYPE"];

/// Databases and users that servers have by themselves.
pub const BUILT_IN: [&str; 7] = ["root", "postgres", "template1", "mysql", "information_schema", "admin", "default"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said: Vec<&KeyPath> = Vec::new();
    for env in stack.services.iter().map(|service| &service.env) {
        for var in env {
            let wrong = server(stack, env, var).or_else(|| login(stack, env, var)).or_else(|| name(stack, env, var)).or_else(|| kind(stack, env, var));
            let wrong = wrong.or_else(|| of_broker(stack, env, var));
            let Some((message, help)) = wrong else { continue };
            if !said.contains(&&var.declared) {
                said.push(&var.declared);
                found.with_help(var.declared.clone(), message, help);
            }
        }
    }
    for store in &stack.backing_services {
        container(store, found);
        broker(stack, store, found);
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
        let end = end(&var.name, prefix)?;
        let (_, part) = PARTS.iter().find(|(known, _)| *known == end)?;
        Some((var, *part, referred(stack, var)?))
    })
}

/// What a name has behind a prefix. Keycloak calls parts of an address `KC_DB_URL_HOST`, and has `KC_DB_USERNAME` beside it.
fn end<'n>(name: &'n str, prefix: &str) -> Option<&'n str> {
    let rest = name.strip_prefix(start(prefix))?.strip_prefix('_')?;
    Some(rest.strip_prefix("URL_").unwrap_or(rest))
}

/// A prefix without the word for an address.
fn start(prefix: &str) -> &str {
    prefix.strip_suffix("_URL").unwrap_or(prefix)
}

/// The backing service that the variables beside one refer to, all of them, with the first that does.
pub fn of_siblings<'s>(stack: &'s Stack, env: &'s [EnvVar], prefix: &'s str) -> Option<(&'s EnvVar, &'s BackingService)> {
    let mut all = beside(stack, env, prefix).map(|(var, _, store)| (var, store));
    let (first, store) = all.next()?;
    all.all(|(_, other)| other.name == store.name).then_some((first, store))
}

/// The prefixes of a name with one of these ends.
fn prefixes<'n>(name: &'n str, ends: &[&str]) -> impl Iterator<Item = &'n str> {
    ends.iter().filter_map(|end| name.strip_suffix(end)?.strip_suffix('_')).filter(|prefix| !prefix.is_empty())
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

/// What a variable says of the database that somebody logs in to: the server, which of its databases, and the part of the login.
struct Said<'s> {
    var: &'s EnvVar,
    store: &'s BackingService,
    login: Login<'s>,
    part: &'static str,
}

/// What a variable with this prefix says of a login, by a reference, by a name that only one database has, or by an address of Java's.
fn said<'s>(stack: &'s Stack, env: &'s [EnvVar], prefix: &'s str, var: &'s EnvVar) -> Option<Said<'s>> {
    let end = end(&var.name, prefix)?;
    let of_name = || DATABASES.contains(&end).then_some("name");
    let part = PARTS.iter().find(|(known, _)| *known == end).map(|(_, part)| *part).or_else(of_name);
    if let Some(reference) = stack.origins.text(&var.declared.key("from")) {
        let (owner, last) = reference.rsplit_once('.')?;
        let store = referred(stack, var)?;
        let login = store.logins().into_iter().find(|login| login.reference == owner)?;
        return part.filter(|_| ["user", "password", "name"].contains(&last)).map(|part| Said { var, store, login, part });
    }
    let text = literal(stack, var)?;
    if end == "URL" && text.starts_with("jdbc:") {
        let (store, _) = typed_address::typed(stack, var)?;
        let login = store.logins().into_iter().find(|login| login.name == typed_address::path(text))?;
        return Some(Said { var, store, login, part: "url" });
    }
    let part = part.filter(|part| ["user", "name"].contains(part))?;
    let (_, store) = of_siblings(stack, env, prefix)?;
    let mut logins = store.logins().into_iter().filter(|login| text == (if part == "user" { login.user } else { login.name }));
    let login = logins.next().filter(|_| logins.next().is_none())?;
    Some(Said { var, store, login, part })
}

/// The login that variables with a prefix are about: its server, which of its databases, and a variable that says so.
fn meant<'s>(stack: &'s Stack, env: &'s [EnvVar], prefix: &'s str) -> Option<Said<'s>> {
    let mut all: Vec<Said<'_>> = env.iter().filter_map(|var| said(stack, env, prefix, var)).collect();
    let store = all.first()?.store;
    if all.iter().any(|said| said.store.name != store.name) {
        return None;
    }
    // The prefix says it, or the address; otherwise most of them do. Who names another than the first one means it.
    let own = store.logins().into_iter().next()?;
    let is_word = |login: &Login| login.name != own.name && start(prefix).to_ascii_lowercase().split('_').any(|word| word == login.name);
    let count = |said: &Said| all.iter().filter(|other| other.login == said.login).count();
    let worth = |said: &Said| (is_word(&said.login), said.part == "url", count(said), said.login != own);
    let at = (0..all.len()).rev().max_by_key(|at| worth(&all[*at]))?;
    Some(all.swap_remove(at))
}

/// True if a variable beside one has the password of any database of this server.
pub fn logs_in_beside(stack: &Stack, env: &[EnvVar], var: &EnvVar, store: &BackingService) -> bool {
    let Some(prefix) = var.name.strip_suffix("_URL") else { return false };
    env.iter().filter_map(|other| said(stack, env, prefix, other)).any(|said| said.part == "password" && said.store.name == store.name)
}

/// What is of another database than the others with its prefix are, and the database of an address that the server does not have.
fn login(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let ends = || PARTS.iter().map(|(end, _)| *end).chain(DATABASES).chain(["URL"]);
    let mut prefixes = ends().filter_map(|end| var.name.strip_suffix(end)?.strip_suffix('_'));
    let (prefix, right) = prefixes.find_map(|prefix| Some((prefix, meant(stack, env, prefix)?)))?;
    let Some(own) = said(stack, env, prefix, var) else { return unknown_database(stack, var, &right) };
    if own.login == right.login || own.store.name != right.store.name {
        return None;
    }
    let what = |part: &str| if part == "name" || part == "url" { String::new() } else { format!("the {part} of ") };
    let (name, other) = (&var.name, &right.var.name);
    let message = format!(
        "`{name}` is {}the database `{}`, and `{other}` beside it {}`{}`",
        what(own.part),
        own.login.name,
        if what(right.part).is_empty() { "leads to ".to_owned() } else { format!("is {}", what(right.part)) },
        right.login.name
    );
    let deliver = stack.origins.text(&var.declared.key("deliver")).map(|deliver| format!(", deliver: {deliver}")).unwrap_or_default();
    Some((message, format!("Write `{name}: {{from: {}.{}{deliver}}}`.", right.login.reference, own.part)))
}

/// An address of Java's that leads to a database which the server does not have.
fn unknown_database(stack: &Stack, var: &EnvVar, right: &Said) -> Option<(String, String)> {
    let (store, text) = typed_address::typed(stack, var).filter(|(store, text)| text.starts_with("jdbc:") && store.name == right.store.name)?;
    let path = typed_address::path(text);
    let is_known = path.is_empty() || BUILT_IN.contains(&path) || store.server.is_none();
    (!is_known).then(|| {
        let message = format!("`{}` leads to the database `{path}`, which `{}` does not have", var.name, store.name);
        (message, format!("Write `{}: {}`.", var.name, text.replacen(&format!("/{path}"), &format!("/{}", right.login.name), 1)))
    })
}

/// True for the name of a variable that has the name of a virtual host of RabbitMQ.
pub fn is_virtual_host(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    VIRTUAL_HOSTS.iter().any(|end| name.ends_with(end))
}

/// The virtual host in the path of an AMQP address; a path that is empty or a slash leads to that with the name of a slash.
fn virtual_host(path: &str) -> &str {
    match path.split('?').next().unwrap_or_default() {
        "" | "/" | "%2F" | "%2f" => "/",
        name => name,
    }
}

/// The virtual host that a RabbitMQ server has; nothing where files or commands may make more of them.
fn own_virtual_host(store: &BackingService) -> Option<&str> {
    let (container, server) = (store.kind.container()?, store.server.as_ref()?);
    let is_rabbitmq = known_images::known(container.image.name.as_str()).is_some_and(|image| image.name == "rabbitmq");
    if !is_rabbitmq || !server.files.is_empty() || !server.command.is_empty() || container.entrypoint.is_some() {
        return None;
    }
    match container.env.iter().find(|var| var.name == "RABBITMQ_DEFAULT_VHOST").map(|var| &var.value) {
        None => Some("/"),
        Some(EnvValue::Literal(text)) => Some(text),
        Some(_) => None,
    }
}

/// A virtual host that the server does not have, in the path of a reference or in a variable beside the server's address.
fn of_broker(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    if is_virtual_host(&var.name) {
        let text = literal(stack, var)?;
        let prefix = VIRTUAL_HOSTS.iter().find_map(|end| var.name.strip_suffix(end)?.strip_suffix('_'))?;
        let (_, store) = of_siblings(stack, env, prefix)?;
        let own = own_virtual_host(store).filter(|own| *own != text)?;
        let message = format!("`{}` is `{text}`, and the virtual host of `{}` is `{own}`", var.name, store.name);
        return Some((message, format!("Write `{}: {own}`.", var.name)));
    }
    let path = stack.origins.text(&var.declared.key("path"))?;
    let (store, asked) = (referred(stack, var)?, virtual_host(path));
    let own = own_virtual_host(store).filter(|own| *own != asked)?;
    let message = format!("`{}` leads to the virtual host `{asked}`, and that of `{}` is `{own}`", var.name, store.name);
    // What the address of the server itself has needs no word here; where that has the same mistake, it is said there.
    let of_url = virtual_host(&store.kind.container()?.url.as_ref()?.path);
    if of_url == asked {
        return None;
    }
    let path = if of_url == own { String::new() } else { format!(", path: \"{}\"", own.replace('/', "%2F")) };
    let deliver = stack.origins.text(&var.declared.key("deliver")).map(|deliver| format!(", deliver: {deliver}")).unwrap_or_default();
    Some((message, format!("Write `{}: {{from: {}.url{path}{deliver}}}`.", var.name, store.name)))
}

/// A RabbitMQ server whose address leads to another virtual host than the one that it makes.
fn broker(stack: &Stack, store: &BackingService, found: &mut Findings) {
    let Some(url) = store.kind.container().and_then(|container| container.url.as_ref()).filter(|url| url.scheme.starts_with("amqp")) else { return };
    let (Some(own), asked) = (own_virtual_host(store), virtual_host(&url.path)) else { return };
    if own == asked {
        return;
    }
    let root = KeyPath::of(&["backing_services", store.name.as_str()]);
    let at = [root.key("url").key("path"), root.key("url")].into_iter().find(|path| stack.origins.is_written(path)).unwrap_or(root);
    let message = format!("the `url` of `{}` leads to the virtual host `{asked}`, and the one that it makes is `{own}`", store.name);
    let help = match (own, asked) {
        ("/", _) => format!("Add `RABBITMQ_DEFAULT_VHOST: {asked}` to its `env`."),
        (_, "/") => format!("Add `path: {own}` to its `url`."),
        _ => format!("Write `path: {own}` in its `url`, or `RABBITMQ_DEFAULT_VHOST: {asked}` in its `env`."),
    };
    found.with_help(at, message, help);
}

/// The name of a database or of a user that the server does not have.
fn name(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let text = literal(stack, var).filter(|text| !text.is_empty() && !BUILT_IN.contains(text))?;
    let is_user = prefixes(&var.name, &USERS).next().is_some();
    let mut all = prefixes(&var.name, if is_user { &USERS } else { &DATABASES });
    let (prefix, (mut other, store)) = all.find_map(|prefix| Some((prefix, of_siblings(stack, env, prefix)?)))?;
    let mut reference = store.name.to_string();
    let (known, place) = match &store.kind {
        Backing::Redis => return None,
        Backing::Postgres { .. } => {
            let logins = store.logins();
            let known = |login: &Login| if is_user { login.user.to_owned() } else { login.name.to_owned() };
            // Of a server that somebody else runs, he knows what else it has. Of one of another database has been spoken.
            if store.server.is_none() || logins.iter().any(|login| known(login) == text) {
                return None;
            }
            let login = match meant(stack, env, prefix) {
                Some(said) => {
                    other = said.var;
                    said.login
                }
                None => logins.into_iter().next()?,
            };
            reference.clone_from(&login.reference);
            (known(&login), if is_user { "user" } else { "database" })
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
    // One of `databases` has the same name as its user unless that is written.
    let place = if reference == store.name.as_str() { format!(" by its `{place}`") } else { String::new() };
    let message = format!("`{}` is `{text}`, and the {what} of `{reference}`, which `{}` beside it leads to, is `{known}`{place}", var.name, other.name);
    let part = if is_user { "user" } else { "name" };
    let right = if store.kind.container().is_some() { known } else { format!("{{from: {reference}.{part}}}") };
    Some((message, format!("Write `{}: {right}`.", var.name)))
}

/// Another kind of database than the server is.
fn kind(stack: &Stack, env: &[EnvVar], var: &EnvVar) -> Option<(String, String)> {
    let text = literal(stack, var)?;
    let prefix = prefixes(&var.name, &KINDS).next()?;
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
