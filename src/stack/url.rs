//! Connection strings of backing services, and what a variable wants to be different in one.

use super::{AddressOf, Backing, BackingService, Connection};
use crate::profile::model;
use crate::values::{UrlPath, UrlScheme};

/// The parts of a backing service's connection string, if it has one with a password.
pub(super) fn connection(store: &BackingService) -> Option<Connection> {
    let password = store.password.clone()?;
    let (scheme, user, path) = match (&store.kind, store.tls) {
        (Backing::Postgres { user, database, .. }, false) => ("postgresql", user.as_str(), database.to_string()),
        (Backing::Postgres { user, database, .. }, true) => ("postgresql", user.as_str(), format!("{database}?sslmode=require")),
        (Backing::Redis, false) => ("redis", "", "0".to_owned()),
        (Backing::Redis, true) => ("rediss", "", "0".to_owned()),
        (Backing::Image(container), _) => {
            let url = container.url.as_ref()?;
            (url.scheme.as_str(), url.user.as_str(), url.path.clone())
        }
    };
    Some(Connection { scheme: scheme.into(), user: user.into(), password, address: format!("{}:{}", store.host, store.port), path })
}

/// How a variable wants a connection string, where that is not the usual way.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    /// What stands before `://`.
    pub scheme: Option<&'a str>,
    /// What follows host and port.
    pub path: Option<&'a str>,
}

impl<'a> Shape<'a> {
    /// As it is written.
    pub fn of(value: &'a model::EnvValue) -> Self {
        let model::EnvValue::From { scheme, path, .. } = value else { return Self { scheme: None, path: None } };
        Self { scheme: scheme.as_ref().map(UrlScheme::as_str), path: path.as_ref().map(UrlPath::as_str) }
    }

    /// The usual one with what is written in place of its parts.
    pub fn applied(self, usual: Connection) -> Connection {
        let scheme = self.scheme.map_or(usual.scheme, str::to_owned);
        Connection { scheme, path: self.path.map_or(usual.path, str::to_owned), ..usual }
    }

    /// What tells its variable in the env file from the usual one's: `_POSTGRESQL_ASYNCPG`.
    pub fn suffix(self, usual: &Connection) -> String {
        let differs = [self.scheme.filter(|scheme| *scheme != usual.scheme), self.path.filter(|path| *path != usual.path)];
        let words = differs.into_iter().flatten().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric())).filter(|word| !word.is_empty());
        words.flat_map(|word| ["_".to_owned(), word.to_ascii_uppercase()]).collect()
    }
}

/// The connection string of a backing service that asks for no password.
pub(super) fn open_url(store: &BackingService, shape: Shape) -> Option<String> {
    let url = store.kind.container().filter(|_| store.password.is_none())?.url.as_ref()?;
    let path = shape.path.unwrap_or(&url.path);
    let path = if path.is_empty() { String::new() } else { format!("/{path}") };
    Some(format!("{}://{}:{}{path}", shape.scheme.unwrap_or(&url.scheme), store.host, store.port))
}

/// The backing service whose host or port a variable holds.
pub(super) fn address_of(value: &model::EnvValue, backing: &[BackingService]) -> Option<AddressOf> {
    let model::EnvValue::From { from, .. } = value else { return None };
    let (owner, rest) = from.as_str().split_once('.')?;
    let part = rest.rsplit('.').next()?;
    let found = backing.iter().find(|store| store.name.as_str() == owner)?;
    // Of a further port only the host is known to be elsewhere.
    let is_further = rest.split_once('.').is_some_and(|(name, _)| found.ports().iter().any(|port| port.name.as_str() == name));
    if is_further && part != "host" {
        return None;
    }
    let store = found.name.clone();
    match part {
        "host" => Some(AddressOf::Host(store)),
        "port" => Some(AddressOf::Port(store)),
        "address" => Some(AddressOf::Address { store, before: String::new(), behind: String::new() }),
        "url" => {
            let url = open_url(found, Shape::of(value))?;
            let (before, behind) = url.split_once(&format!("{}:{}", found.host, found.port))?;
            Some(AddressOf::Address { store, before: before.to_owned(), behind: behind.to_owned() })
        }
        _ => None,
    }
}
