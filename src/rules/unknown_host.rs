//! An address in a variable leads to nobody.

use super::host_not_at_the_edge::is_own as is_own_host;
use super::names_at_odds::{self, family, is_virtual_host};
use super::no_dependency::wait_for;
use super::typed_address::{address, authority, for_java, host, path, port, reference, typed};
use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::known_images::{self, Family, Written};
use crate::stack::{Backing, BackingService, Command, EnvValue, EnvVar, EnvironmentKind, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unknown-host",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable has an address that leads to nobody, or asks for TLS where nobody speaks it",
    why: "In a container `localhost` is the container itself, and a name without a dot is that of a service or backing service of this profile: whatever else it was on somebody's machine or in another Compose file, it is not there.",
    instead: "Write `{from: NAME.url}` for a backing service, the name of a service with its port, or a host outside with its domain.",
    check,
};

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Postgres,
    /// A database of any kind.
    Database,
    Redis,
    /// Anything else that a backing service of `kind: image` may be: its usual scheme.
    Image(&'static str),
    Mail,
    Web,
}

/// Schemes of addresses with a host, and beginnings of names of variables.
const KINDS: [(&[&str], &[&str], Kind); 10] = [
    (&["postgres", "postgresql"], &["POSTGRES", "POSTGRESQL", "PG", "PGHOST"], Kind::Postgres),
    (&["redis", "rediss", "valkey"], &["REDIS", "VALKEY", "CACHE"], Kind::Redis),
    (&["amqp", "amqps", "pyamqp"], &["AMQP", "RABBITMQ", "BROKER", "QUEUE", "CELERY"], Kind::Image("amqp")),
    (&["mysql", "mariadb"], &["MYSQL", "MARIADB"], Kind::Image("mysql")),
    (&["mongodb"], &["MONGO", "MONGODB"], Kind::Image("mongodb")),
    (&[], &["DB", "DATABASE"], Kind::Database),
    (&["memcached", "nats", "kafka", "clickhouse", "mqtt", "mqtts"], &["MEMCACHED", "NATS", "KAFKA", "CLICKHOUSE", "MQTT"], Kind::Image("tcp")),
    (&["elasticsearch", "opensearch"], &["ELASTICSEARCH", "ELASTIC", "OPENSEARCH", "MINIO", "MEILI", "MEILISEARCH", "TYPESENSE"], Kind::Image("http")),
    (&["smtp", "smtps", "submission"], &["SMTP", "MAIL", "EMAIL", "MAILER"], Kind::Mail),
    (&["http", "https", "ws", "wss", "grpc", "tcp"], &[], Kind::Web),
];

/// Words in names of variables whose addresses are for browsers.
const BROWSERS: [&str; 8] = ["PUBLIC", "ORIGIN", "ORIGINS", "CORS", "FRONTEND", "BROWSER", "CALLBACK", "REDIRECT"];

/// Beginnings of names of variables that a build puts into what browsers get.
const FOR_BROWSERS: [&str; 6] = ["NEXT_PUBLIC_", "NUXT_PUBLIC_", "VITE_", "REACT_APP_", "VUE_APP_", "GATSBY_"];

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        if inner_address(stack, var, found) || inner_tls(stack, var, found) || port_of_store(stack, var, found) {
            continue;
        }
        // Of the application's own hosts another rule speaks.
        if stack.edge.is_some() && stack.environment != EnvironmentKind::Development && is_own_host(&var.name) {
            continue;
        }
        let Some((text, kind)) = lost(stack, var) else { continue };
        // A browser on a developer's machine asks that machine.
        let is_for_browsers = is_own_host(&var.name) || var.name.split('_').any(|word| BROWSERS.contains(&word));
        if stack.environment == EnvironmentKind::Development && is_own(text) && is_for_browsers {
            continue;
        }
        let host = host(text);
        let message = if is_own(text) {
            format!("`{}` leads to `{host}`, which in a container is the container itself", var.name)
        } else {
            format!("`{}` leads to `{host}`, and nothing in this profile has that name", var.name)
        };
        found.with_help(var.declared.clone(), message, help(stack, var, text, kind));
    }
}

/// The address of a service that does not listen there, or that browsers cannot reach. True if something was found.
fn inner_address(stack: &Stack, var: &EnvVar, found: &mut Findings) -> bool {
    let Some(text) = address(stack, var) else { return false };
    let Some(service) = stack.services.iter().find(|service| service.name.as_str() == host(text)) else { return false };
    if FOR_BROWSERS.iter().any(|start| var.name.starts_with(start)) {
        let message = format!("`{}` gives browsers the address of `{}`, which only containers know", var.name, service.name);
        found.with_help(
            var.declared.clone(),
            message,
            format!("Write `{}: {{from: edge.url}}`, with a route of the edge that leads to `{}`.", var.name, service.name),
        );
        return true;
    }
    let mut ports = service.port.iter().chain(service.ports.iter().map(|port| &port.port)).map(|port| port.get());
    let Some(asked) = port(text).and_then(|port| port.parse::<u16>().ok()).or_else(|| usual_port(text)) else { return false };
    let Some(first) = service.port.map(crate::values::Port::get) else { return false };
    let is_known = ports.any(|port| port == asked);
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    // Only the edge has certificates, unless the service says something of its own.
    let plain = match scheme {
        Some("https") if !speaks_tls(service) => Some("http"),
        Some("wss") if !speaks_tls(service) => Some("ws"),
        _ => None,
    };
    let port = if is_known { asked } else { first };
    let right = match plain.or(scheme) {
        Some(scheme) => format!("{scheme}://{}:{port}{}", service.name, rest.find('/').map_or("", |at| &rest[at..])),
        None => format!("{}:{port}", service.name),
    };
    let message = match (is_known, plain) {
        (true, None) => return false,
        (true, Some(_)) => format!("`{}` asks `{}` for TLS, which only the edge speaks", var.name, service.name),
        (false, _) => format!("`{}` leads to port {asked} of `{}`, which listens on {first}", var.name, service.name),
    };
    found.with_help(var.declared.clone(), message, format!("Write `{}: {right}`.", var.name));
    true
}

/// An address of Java's with another port than the server has: any other address is replaced by a reference anyhow. True if something was
/// found.
fn port_of_store(stack: &Stack, var: &EnvVar, found: &mut Findings) -> bool {
    let Some((store, text)) = typed(stack, var).filter(|(_, text)| text.starts_with("jdbc:")) else { return false };
    let Some(asked) = port(text).filter(|port| *port != store.port.to_string()) else { return false };
    let message = format!("`{}` leads to port {asked} of `{}`, which listens on {}", var.name, store.name, store.port);
    let right = text.replacen(authority(text), &format!("{}:{}", store.host, store.port), 1);
    found.with_help(var.declared.clone(), message, format!("Write `{}: {right}`.", var.name));
    true
}

/// A reference to a server of this deployment that asks for TLS, by its scheme or by what stands behind the database. True if something was
/// found.
fn inner_tls(stack: &Stack, var: &EnvVar, found: &mut Findings) -> bool {
    let key = |key: &str| stack.origins.text(&var.declared.key(key));
    let Some((reference, (owner, "url"))) = key("from").and_then(|text| Some((text, text.split_once('.')?))) else { return false };
    let Some((store, server)) =
        stack.backing_services.iter().find(|store| store.name.as_str() == owner).and_then(|store| Some((store, store.server.as_ref()?)))
    else {
        return false;
    };
    // Who gives it certificates has settings or files of his own for them.
    let is_word = |text: &str| ["tls", "ssl", "cert"].iter().any(|word| text.to_ascii_lowercase().contains(word));
    let is_set = |env: &[EnvVar]| env.iter().any(|var| is_word(&var.name));
    if !server.files.is_empty() || server.command.iter().any(|word| is_word(word)) || store.kind.container().is_some_and(|container| is_set(&container.env)) {
        return false;
    }
    let (usual, database) = match &store.kind {
        Backing::Postgres { database, .. } => ("postgresql", database.as_str()),
        Backing::Redis => ("redis", "0"),
        Backing::Image(container) => container.url.as_ref().map_or(("", ""), |url| (url.scheme.as_str(), url.path.as_str())),
    };
    let by_scheme = key("scheme").filter(|scheme| scheme.strip_suffix('s') == Some(usual) || (usual == "redis" && scheme.starts_with("rediss")));
    let by_path = key("path").and_then(|path| Some((path, plain_path(path).filter(|_| matches!(store.kind, Backing::Postgres { .. }))?)));
    let (wrong, path) = match (by_scheme, &by_path) {
        (Some(_), _) => ("scheme", key("path").map(str::to_owned)),
        (None, Some((_, plain))) => ("path", Some(plain.clone()).filter(|plain| plain != database)),
        (None, None) => return false,
    };
    let scheme = key("scheme").filter(|_| by_scheme.is_none()).map(|scheme| format!(", scheme: {scheme}"));
    let path = path.map(|path| format!(", path: \"{path}\""));
    let deliver = key("deliver").map(|deliver| format!(", deliver: {deliver}"));
    let rest: String = [scheme, path, deliver].into_iter().flatten().collect();
    let message = format!("`{}` asks `{owner}` for TLS, which it does not speak", var.name);
    found.with_help(var.declared.key(wrong), message, format!("Write `{}: {{from: {reference}{rest}}}`.", var.name));
    true
}

/// A path without the parameters by which clients of PostgreSQL insist on TLS; `None` if it has none of them.
fn plain_path(path: &str) -> Option<String> {
    let (database, query) = path.split_once('?')?;
    let insists = |parameter: &&str| {
        parameter
            .split_once('=')
            .is_some_and(|(name, value)| ["sslmode", "ssl"].contains(&name) && ["require", "verify-ca", "verify-full", "true", "1"].contains(&value))
    };
    let (wrong, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(insists);
    let rest = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    (!wrong.is_empty()).then(|| format!("{database}{rest}"))
}

/// True if a service may speak TLS itself: by its port, its command, its variables or its files.
fn speaks_tls(service: &Service) -> bool {
    let is_word = |text: &str| ["tls", "ssl", "cert", "https", ".pem"].iter().any(|word| text.to_ascii_lowercase().contains(word));
    let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
    let mut words = command.iter().chain(service.process.entrypoint.iter().flatten()).map(String::as_str);
    let by_port = service.port.iter().chain(service.ports.iter().map(|port| &port.port)).any(|port| port.get() % 1000 == 443);
    let is_given = words.any(is_word) || service.files.iter().any(|file| is_word(file.path.as_str()));
    // Of a database's TLS, or of the edge's, variables speak as well.
    let by_variable =
        service.env.iter().any(|var| is_word(&var.name) && ["SERVER", "LISTEN", "HTTPS", "CERT", "KEY"].iter().any(|word| var.name.contains(word)));
    by_port || is_given || by_variable
}

/// The address of a variable that leads to nobody.
fn lost<'s>(stack: &'s Stack, var: &'s EnvVar) -> Option<(&'s str, Kind)> {
    let text = address(stack, var)?;
    let host = host(text);
    let kind = kind(var, text)?;
    let is_word =
        !host.is_empty() && !host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) && host.parse::<u32>().is_err();
    if !(is_own(text) || is_word) || is_here(stack, host) {
        return None;
    }
    // It may ask itself, or a helper beside it.
    let users = || stack.services.iter().filter(|service| service.env.iter().any(|known| known.declared == var.declared));
    let port = port(text).and_then(|port| port.parse::<u16>().ok()).or_else(|| usual_port(text));
    let asks_itself = |service: &Service| {
        let own = service.port.iter().chain(service.ports.iter().map(|port| &port.port)).any(|own| Some(own.get()) == port);
        own || service.escape.pods.pod.contains_key("initContainers")
    };
    (!(is_own(text) && users().any(asks_itself))).then_some((text, kind))
}

fn usual_port(text: &str) -> Option<u16> {
    match text.split_once("://")?.0 {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

/// True for the container itself.
fn is_own(text: &str) -> bool {
    let host = host(text);
    host == "localhost" || host.starts_with("127.") || text.contains("[::1]") || host == "host.docker.internal"
}

fn is_here(stack: &Stack, host: &str) -> bool {
    let is_service = |service: &Service| {
        let names = std::iter::once(&service.name).chain(&service.aliases).chain(&service.process.hostname);
        names.map(crate::values::ServiceName::as_str).any(|name| name == host)
    };
    stack.services.iter().any(is_service) || stack.backing_services.iter().any(|store| store.name.as_str() == host || store.host == host)
}

/// What the scheme says, or else the name of the variable.
fn kind(var: &EnvVar, text: &str) -> Option<Kind> {
    let name = var.name.to_ascii_uppercase();
    let first = |starts: &[&str]| starts.iter().any(|start| name.split('_').any(|part| part == *start));
    if let Some((scheme, _)) = text.split_once("://") {
        // Java's addresses have a scheme before the scheme.
        let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme).split('+').next().unwrap_or_default().to_ascii_lowercase();
        let (_, _, kind) = KINDS.iter().find(|(schemes, ..)| schemes.contains(&scheme.as_str()))?;
        // A search engine or an object store speaks HTTP.
        let by_name = KINDS.iter().find(|(_, starts, kind)| matches!(kind, Kind::Image("http")) && first(starts)).map(|(.., kind)| *kind);
        return Some(if *kind == Kind::Web { by_name.unwrap_or(Kind::Web) } else { *kind });
    }
    // A virtual host of a broker is no machine.
    if is_virtual_host(&name) {
        return None;
    }
    let is_address = ["HOST", "HOSTNAME", "ADDR", "ADDRESS", "SERVER", "SERVERS", "BROKER", "BROKERS", "ENDPOINT", "URL"].iter().any(|end| name.ends_with(end));
    is_address.then(|| KINDS.iter().find(|(_, starts, _)| first(starts)).map(|(.., kind)| *kind)).flatten()
}

/// The backing services that are of this kind.
fn candidates(stack: &Stack, kind: Kind) -> Vec<&BackingService> {
    let fits = |store: &&BackingService| {
        let known = family(store);
        match (&store.kind, kind) {
            (_, Kind::Postgres) => known == Some(Family::Postgres),
            (_, Kind::Redis) => known == Some(Family::Redis),
            (_, Kind::Database) => matches!(known, Some(Family::Postgres | Family::MySql | Family::Mongo)),
            (Backing::Image(_), Kind::Image("mysql")) if known.is_some() => known == Some(Family::MySql),
            (Backing::Image(_), Kind::Image("mongodb")) if known.is_some() => known == Some(Family::Mongo),
            (Backing::Image(container), Kind::Image(scheme)) => container.url.as_ref().is_none_or(|url| url.scheme.starts_with(scheme)),
            _ => false,
        }
    };
    stack.backing_services.iter().filter(fits).collect()
}

/// The backing services that variables with a prefix are about, by the words in it.
pub fn meant_by<'s>(stack: &'s Stack, prefix: &str) -> Vec<&'s BackingService> {
    let prefix = prefix.to_ascii_uppercase();
    let kind = KINDS.iter().find(|(_, words, _)| prefix.split('_').any(|word| words.contains(&word))).map(|(.., kind)| *kind);
    kind.map(|kind| candidates(stack, kind)).unwrap_or_default()
}

/// The same, as the variables beside one say it: by what they refer to, or by the kind of database that they name.
fn stores<'s>(stack: &'s Stack, var: &'s EnvVar, kind: Kind) -> Vec<&'s BackingService> {
    let all = candidates(stack, kind);
    let Some((prefix, _)) = var.name.rsplit_once('_') else { return all };
    let Some(env) = environment(stack, var) else { return all };
    match (names_at_odds::of_siblings(stack, env, prefix), said_beside(env, prefix)) {
        (Some((_, store)), _) => vec![store],
        (None, Some(said)) => all.into_iter().filter(|store| family(store) == Some(said)).collect(),
        (None, None) => all,
    }
}

/// What a variable stands in.
fn environment<'s>(stack: &'s Stack, var: &EnvVar) -> Option<&'s [EnvVar]> {
    stack.services.iter().map(|service| service.env.as_slice()).find(|env| env.iter().any(|known| known.declared == var.declared))
}

/// The kind of database that a variable with this prefix names, such as `DB_CONNECTION: mysql`.
fn said_beside(env: &[EnvVar], prefix: &str) -> Option<Family> {
    env.iter().find_map(|var| {
        let end = var.name.strip_prefix(prefix)?.strip_prefix('_')?;
        let EnvValue::Literal(text) = &var.value else { return None };
        match (end, text.as_str()) {
            ("PORT", "3306") => Some(Family::MySql),
            ("PORT", "5432") => Some(Family::Postgres),
            ("PORT", "27017") => Some(Family::Mongo),
            ("PORT", _) => None,
            _ => names_at_odds::spoken(text),
        }
    })
}

/// A name for a new backing service.
fn free<'n>(stack: &Stack, names: [&'n str; 3]) -> &'n str {
    names.into_iter().find(|name| !is_here(stack, name)).unwrap_or(names[2])
}

fn help(stack: &Stack, var: &EnvVar, text: &str, kind: Kind) -> String {
    let name = &var.name;
    let stores = stores(stack, var, kind);
    if let [store, others @ ..] = stores.as_slice() {
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(" (or {})", others.iter().map(|other| format!("`{}`", other.name)).collect::<Vec<_>>().join(", "))
        };
        if text.starts_with("jdbc:") {
            let address = text.replacen(authority(text), &format!("{}:{}", store.host, store.port), 1);
            let has_login = environment(stack, var).is_some_and(|env| names_at_odds::logs_in_beside(stack, env, var, store));
            return for_java(store, name, path(text)).filter(|_| !has_login).unwrap_or_else(|| format!("Write `{name}: {address}`{others}."));
        }
        return format!("Write `{name}: {}`{others}.", reference(store, text));
    }
    let ending = if text.contains("://") { "url" } else { "host" };
    let port = port(text).and_then(|port| port.parse::<u16>().ok());
    match kind {
        Kind::Database if made(stack, var).is_some() => {
            let store = free(stack, ["database", "db", "mysql"]);
            let (entry, secrets) = made(stack, var).and_then(|kind| known_images::by_kind(kind, store, &Written::default())).unwrap_or_default();
            format!("Add `{store}: {entry}` to `backing_services`, and `{secrets}` to `secrets`, and write `{name}: {{from: {store}.{ending}}}`.")
        }
        Kind::Postgres | Kind::Database => {
            let store = free(stack, ["database", "postgres", "main-database"]);
            format!(
                "Add `{store}: {{kind: postgres, version: \"17\"}}` to `backing_services`, or `{{kind: postgres, mode: managed, host: db.example.com, database: NAME, user: NAME}}` for one of \
                 somebody else's, and write `{name}: {{from: {store}.{ending}}}`."
            )
        }
        Kind::Redis => {
            let store = free(stack, ["cache", "redis", "main-cache"]);
            format!("Add `{store}: {{kind: redis, version: \"7\"}}` to `backing_services`, and write `{name}: {{from: {store}.{ending}}}`.")
        }
        Kind::Image(_) => format!(
            "Add it to `backing_services` as `kind: image`, with its `image`, `port`, `user` and `volumes`, and write `{name}: {{from: ITS-NAME.{}}}`; or write the name of a host outside, with \
             `egress: [\"HOST:{}\"]` at the service.",
            if ending == "url" { "url" } else { "address" },
            port.map_or("PORT".to_owned(), |port| port.to_string()),
        ),
        Kind::Mail => format!(
            "Write the name of the mail server outside, such as `{name}: smtp.example.com`, and `egress: [\"smtp.example.com:{}\"]` at the service.",
            port.unwrap_or(587)
        ),
        Kind::Web => {
            let services = || stack.services.iter().filter(|service| service.port.is_some());
            let near = nearest(host(text), services().map(|service| service.name.as_str()));
            let is_asked = |service: &&Service| port.is_some() && service.port.map(crate::values::Port::get) == port;
            let other = near.and_then(|near| services().find(|service| service.name.as_str() == near)).or_else(|| services().find(is_asked));
            match other {
                Some(other) => {
                    let port = other.port.map(crate::values::Port::get).unwrap_or_default();
                    let scheme = text.split_once("://").map_or("http", |(scheme, _)| scheme);
                    // The path behind it stays.
                    let path = text.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
                    let users: Vec<&Service> = stack.services.iter().filter(|service| service.env.iter().any(|known| known.declared == var.declared)).collect();
                    let wait = wait_for(stack, &users, other).map(|step| format!(", and {step}")).unwrap_or_default();
                    format!("Write `{name}: {scheme}://{}:{port}{path}`{wait}.", other.name)
                }
                None => {
                    "Write the name of a service of this profile with its port; or a host outside with its domain, and `egress: [\"HOST:443\"]` at the service."
                        .to_owned()
                }
            }
        }
    }
}

/// The kind of database that is said beside a variable, and that the language has no kind for.
fn made(stack: &Stack, var: &EnvVar) -> Option<&'static str> {
    match said_beside(environment(stack, var)?, var.name.rsplit_once('_')?.0)? {
        Family::MySql => Some("mysql"),
        Family::Mongo => Some("mongodb"),
        Family::Postgres | Family::Redis | Family::Other => None,
    }
}

/// The only backing service that a variable of this name can be about, and the part of its address that the name says.
pub fn by_name<'s>(stack: &'s Stack, name: &str) -> Option<(&'s BackingService, &'static str)> {
    let name = name.to_ascii_uppercase();
    let (start, last) = name.rsplit_once('_')?;
    let part = match last {
        "URL" | "URI" | "DSN" => "url",
        "HOST" => "host",
        "PORT" => "port",
        "USER" | "USERNAME" => "user",
        "PASSWORD" => "password",
        _ => return None,
    };
    let (_, _, kind) = KINDS.iter().find(|(_, words, _)| start.split('_').any(|word| words.contains(&word)))?;
    let kind = if *kind == Kind::Database { Kind::Postgres } else { *kind };
    let [store] = candidates(stack, kind)[..] else { return None };
    // Of other servers it is not known who has which part.
    let has_it = match store.kind {
        Backing::Image(_) => false,
        Backing::Redis => part != "user",
        Backing::Postgres { .. } => true,
    };
    has_it.then_some((store, part))
}

/// True if an address that leads to nobody is meant to be this backing service's.
pub fn is_meant(stack: &Stack, store: &str) -> bool {
    stack.variables().any(|var| lost(stack, var).is_some_and(|(_, kind)| stores(stack, var, kind).iter().any(|known| known.name.as_str() == store)))
}

/// True for an address that this rule has a way for, with the password that comes with it.
pub fn has_password(stack: &Stack, var: &EnvVar) -> bool {
    lost(stack, var).is_some_and(|(_, kind)| kind != Kind::Web && kind != Kind::Mail)
}
