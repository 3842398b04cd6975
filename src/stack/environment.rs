//! Environment variables and secrets: references are followed to what they stand for.

use super::resolve::Resolver;
use super::{Backing, BackingService, Delivery, EnvValue, EnvVar, Secret, SecretSource, SecretValue, TlsKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{SecretName, ServiceName};
use std::collections::{BTreeMap, BTreeSet};

/// The secrets that were met, by name, and who reads them.
#[derive(Default)]
pub(super) struct SecretBook {
    pages: BTreeMap<String, (Option<SecretValue>, String, BTreeSet<String>)>,
}

impl SecretBook {
    /// Notes a reader of a secret; `value` and `description` are kept from whoever knows them.
    pub fn read(&mut self, name: &str, reader: &str, value: Option<SecretValue>, description: &str) {
        let page = self.pages.entry(name.to_owned()).or_default();
        page.0 = page.0.take().or(value);
        if page.1.is_empty() {
            description.clone_into(&mut page.1);
        }
        page.2.insert(reader.to_owned());
    }
}

/// `DATABASE_PASSWORD` for `database`.
pub(super) fn secret_of(backing: &ServiceName, part: &str) -> String {
    format!("{}_{part}", backing.as_str().to_uppercase().replace('-', "_"))
}

impl Resolver<'_> {
    /// The variables of one service: those of its groups, its own, and its secrets.
    pub(super) fn environment(&mut self, name: &ServiceName, service: &model::Service, backing: &[BackingService], book: &mut SecretBook) -> Vec<EnvVar> {
        let profile = self.profile;
        // What `like` brought is written at the other service: a mistake in it is reported there, once.
        let own = profile.services.get(name);
        let like = own.and_then(|own| own.like.as_ref()).unwrap_or(name);
        let written_at = |is_own: bool| if is_own { name.as_str() } else { like.as_str() };
        let mut vars: Vec<EnvVar> = Vec::new();
        let mut put = |var: EnvVar| match vars.iter_mut().find(|known| known.name == var.name) {
            Some(known) => *known = var,
            None => vars.push(var),
        };
        for (at, group) in service.env_from.iter().enumerate() {
            let Some(block) = profile.env_groups.get(group) else {
                let at = own.and_then(|own| own.env_from.iter().position(|known| known == group)).map_or((like, at), |at| (name, at));
                let path = KeyPath::of(&["services", at.0.as_str(), "env_from"]).index(at.1);
                self.unknown("block in `env_groups`", group.as_str(), &path, profile.env_groups.keys().map(ServiceName::as_str));
                continue;
            };
            for (key, value) in block.iter() {
                let path = KeyPath::of(&["env_groups", group.as_str(), key.as_str()]);
                put(EnvVar { name: key.to_string(), value: self.env_value(name, value, &path, backing, book) });
            }
        }
        for (key, value) in service.env.iter() {
            let path = KeyPath::of(&["services", written_at(own.is_some_and(|own| own.env.contains_key(key))), "env", key.as_str()]);
            put(EnvVar { name: key.to_string(), value: self.env_value(name, value, &path, backing, book) });
        }
        let mut vars_of_secrets: Vec<String> = Vec::new();
        for (secret, usage) in service.secrets.iter() {
            let Some(declared) = profile.secrets.get(secret) else {
                let path = KeyPath::of(&["services", written_at(own.is_some_and(|own| own.secrets.contains_key(secret))), "secrets", secret.as_str()]);
                self.unknown("secret", secret.as_str(), &path, profile.secrets.keys().map(SecretName::as_str));
                continue;
            };
            book.read(secret.as_str(), name.as_str(), None, "");
            let variable = usage.alias.as_ref().map_or_else(|| secret.to_string(), ToString::to_string);
            if vars_of_secrets.contains(&variable) || service.env.keys().any(|key| key.as_str() == variable) {
                let path = KeyPath::of(&["services", name.as_str(), "secrets", secret.as_str()]);
                self.error(
                    "name-clash",
                    &path,
                    format!("`{name}` has the variable `{variable}` already"),
                    "set twice",
                    "remove one, or rename this one with `as`",
                );
            }
            vars_of_secrets.push(variable.clone());
            put(EnvVar { name: variable, value: EnvValue::Secret { name: secret.to_string(), deliver: declared.deliver.unwrap_or(Delivery::File) } });
        }
        self.clashing_names(name, &vars);
        vars
    }

    /// `X` as a file sets `X_FILE`, which may have been set by hand, too.
    fn clashing_names(&mut self, service: &ServiceName, vars: &[EnvVar]) {
        for var in vars {
            let file = format!("{}_FILE", var.name);
            let delivered_as_file = matches!(&var.value, EnvValue::Secret { deliver: Delivery::File, .. });
            if delivered_as_file && vars.iter().any(|other| other.name == file) {
                let path = KeyPath::of(&["services", service.as_str(), "env", &file]);
                self.error(
                    "name-clash",
                    &path,
                    format!("`{file}` is where `{}` is delivered", var.name),
                    "set twice",
                    "remove it, or deliver the secret as `env`",
                );
            }
        }
    }

    fn env_value(&mut self, service: &ServiceName, value: &model::EnvValue, path: &KeyPath, backing: &[BackingService], book: &mut SecretBook) -> EnvValue {
        let (from, deliver) = match value {
            model::EnvValue::Text(text) => return EnvValue::Literal(text.to_string()),
            model::EnvValue::From { from, deliver } => (from, *deliver),
        };
        let nothing = EnvValue::Literal(String::new());
        let (owner, part) = from.as_str().split_once('.').unwrap_or((from.as_str(), ""));
        if owner == "edge" {
            return self.edge_value(part, path).map_or(nothing, EnvValue::Literal);
        }
        let Some(store) = backing.iter().find(|store| store.name.as_str() == owner) else {
            let names = backing.iter().map(|store| store.name.as_str()).chain(self.profile.edge.is_some().then_some("edge"));
            self.unknown("backing service", owner, &path.key("from"), names);
            return nothing;
        };
        let parts = parts(store);
        let Some((_, found)) = parts.iter().find(|(name, _)| *name == part) else {
            self.unknown(&format!("value of `{owner}`"), part, &path.key("from"), parts.iter().map(|(name, _)| *name));
            return nothing;
        };
        match found {
            Part::Plain(text) => EnvValue::Literal(text.clone()),
            Part::Secret(name, value, description) => {
                book.read(name, service.as_str(), value.clone(), description);
                let declared = self.profile.secrets.iter().find(|(known, _)| known.as_str() == name).and_then(|(_, secret)| secret.deliver);
                EnvValue::Secret { name: name.clone(), deliver: deliver.or(declared).unwrap_or(Delivery::File) }
            }
        }
    }

    fn edge_value(&mut self, part: &str, path: &KeyPath) -> Option<String> {
        let Some(edge) = &self.profile.edge else {
            self.unknown("edge", part, &path.key("from"), []);
            return None;
        };
        let host = edge.hosts.keys().next()?;
        // Without TLS of its own the edge stands behind a proxy that has it, if it trusts one.
        let secure = edge.tls.kind != TlsKind::None || !edge.trusted_proxies.is_empty();
        match part {
            "host" => Some(host.to_string()),
            "url" => Some(format!("{}://{host}", if secure { "https" } else { "http" })),
            _ => {
                self.unknown("value of `edge`", part, &path.key("from"), ["url", "host"]);
                None
            }
        }
    }

    /// The secrets that somebody reads, with what the profile says of them.
    pub(super) fn secrets(&mut self, book: SecretBook) -> Vec<Secret> {
        let profile = self.profile;
        let mut secrets = Vec::new();
        for (name, (value, description, readers)) in book.pages {
            let declared = profile.secrets.iter().find(|(known, _)| known.as_str() == name).map(|(_, secret)| secret);
            let path = |key| ["secrets", name.as_str(), key];
            let settings = profile.services.keys().map(|service| format!("{}_TAG", service.as_str().to_uppercase().replace('-', "_")));
            if settings.chain(["HTTP_PORT".to_owned(), "HTTPS_PORT".to_owned()]).any(|setting| setting == name) {
                let path = KeyPath::of(&["secrets", &name]);
                self.error("name-clash", &path, format!("`{name}` is a setting of the env file already"), "taken", "give the secret another name");
            }
            if declared.is_some_and(|secret| secret.generate.is_some() && secret.source == Some(SecretSource::External)) {
                let path = KeyPath::of(&["secrets", &name, "generate"]);
                self.error(
                    "contradiction",
                    &path,
                    format!("`{name}` comes from outside: nothing generates it"),
                    "not used",
                    "remove it, or `source: external`",
                );
            }
            let external = declared.is_some_and(|secret| secret.source == Some(SecretSource::External));
            let value = match value {
                Some(value @ SecretValue::Derived { .. }) => value,
                _ if external => SecretValue::External,
                _ => {
                    let given = declared.and_then(|secret| secret.generate).map(|generate| generate.length);
                    let mut key = path("generate").to_vec();
                    key.push("length");
                    SecretValue::Generated { length: self.or(&key, given, defaults::SECRET_LENGTH, "more than anybody can guess") }
                }
            };
            let least = match value {
                SecretValue::Generated { length } => (length / 2).max(defaults::SECRET_MIN_LENGTH),
                SecretValue::External | SecretValue::Derived { .. } => 1,
            };
            let min_length = self.or(&path("min_length"), declared.and_then(|secret| secret.min_length), least, "half of what is generated, at least 16");
            if let SecretValue::Generated { length } = value {
                if length < min_length {
                    let message = format!("a value of {length} characters is generated, but {min_length} are needed");
                    self.error("contradiction", &KeyPath::of(&path("min_length")), message, "more than is generated", "lower it, or raise `generate.length`");
                }
            }
            let given = declared.and_then(|secret| secret.description.as_ref()).map(ToString::to_string);
            let required = self.or(&path("required"), declared.and_then(|secret| secret.required), true, "a secret that is read is needed");
            secrets.push(Secret { description: given.unwrap_or(description), value, min_length, required, readers: readers.into_iter().collect(), name });
        }
        secrets
    }
}

/// A value that a backing service can give to others.
enum Part {
    Plain(String),
    Secret(String, Option<SecretValue>, &'static str),
}

fn parts(store: &BackingService) -> Vec<(&'static str, Part)> {
    let port = store.port().to_string();
    let address = format!("{}:{port}", store.name);
    let url = |scheme: &str, user: &str, path: &str| SecretValue::Derived {
        scheme: scheme.to_owned(),
        user: user.to_owned(),
        password: store.password.clone(),
        address: address.clone(),
        path: path.to_owned(),
    };
    let mut parts =
        vec![("host", Part::Plain(store.name.to_string())), ("port", Part::Plain(port.clone())), ("password", Part::Secret(store.password.clone(), None, ""))];
    let value = match &store.kind {
        Backing::Postgres { database, user, .. } => {
            parts.push(("user", Part::Plain(user.to_string())));
            parts.push(("name", Part::Plain(database.to_string())));
            url("postgresql", user.as_str(), database.as_str())
        }
        Backing::Redis { .. } => url("redis", "", "0"),
    };
    parts.push(("url", Part::Secret(secret_of(&store.name, "URL"), Some(value), "Connection string with the password in it.")));
    parts
}
