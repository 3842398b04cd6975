//! What the env file of a server holds: secrets and parameters.

use super::{Stack, defaults};
use crate::key_path::KeyPath;
use crate::profile::model::{Delivery, GenerateKind};
use crate::values::{Expectation, ServiceName, ValueFormat};
use serde::Serialize;
use std::collections::BTreeSet;

/// One environment variable of a service.
#[derive(Clone, Debug, Serialize)]
pub struct EnvVar {
    /// Its name, before `_FILE` is added for a secret file.
    pub name: String,
    /// What it holds.
    pub value: EnvValue,
    /// The backing service whose address it repeats: outside of containers that is another one.
    #[serde(skip)]
    pub address_of: Option<AddressOf>,
    /// Where it is declared: at the service, or in a block that it shares.
    #[serde(skip)]
    pub declared: KeyPath,
}

/// A part of a backing service's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressOf {
    /// Its host.
    Host(ServiceName),
    /// Its port.
    Port(ServiceName),
    /// Both, with what stands around them in a URL.
    Address {
        /// The backing service.
        store: ServiceName,
        /// Before the host.
        before: String,
        /// Behind the port.
        behind: String,
    },
}

/// What an environment variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvValue {
    /// This text.
    Literal(String),
    /// The value of a secret.
    Secret {
        /// Name of the secret.
        name: String,
        /// How it gets here.
        deliver: Delivery,
    },
    /// The value of a parameter, by its name.
    Parameter(String),
}

/// A secret that the stack reads.
#[derive(Clone, Debug, Serialize)]
pub struct Secret {
    /// Its name: the variable in the env file and the file below `/run/secrets`.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Heading in the env file.
    pub section: String,
    /// Where its value comes from.
    pub value: SecretValue,
    /// What it has to look like.
    pub format: ValueFormat,
    /// Fewest characters.
    pub min_length: u32,
    /// Whether a value is needed.
    pub required: bool,
    /// True if nothing that runs reads it, but only builds: a server that pulls images does without.
    pub build_only: bool,
    /// Services and backing services that read it, sorted.
    pub readers: Vec<String>,
}

/// Where a secret's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretValue {
    /// Made at random.
    Generated {
        /// Of these characters.
        kind: GenerateKind,
        /// So many.
        length: u32,
        /// The bytes that they stand for, if it has to be exactly so many.
        bytes: Option<u32>,
    },
    /// Somebody supplies it.
    External,
    /// Composed of other values: a connection string.
    Derived(Connection),
}

/// The parts of a connection string: `SCHEME://USER:PASSWORD@ADDRESS/PATH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// Scheme of the URL.
    pub scheme: String,
    /// User, may be empty.
    pub user: String,
    /// Secret with the password.
    pub password: String,
    /// Host and port.
    pub address: String,
    /// Path without the leading slash, with the query.
    pub path: String,
}

impl Connection {
    /// The string with this text for the password, which is already encoded.
    pub fn with(&self, password: &str) -> String {
        format!("{}://{}:{password}@{}/{}", self.scheme, self.user, self.address, self.path)
    }
}

/// A variable that a server may, or has to, decide. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Its name in the env file.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Heading in the env file.
    pub section: String,
    /// What holds without it; may be empty.
    pub default: String,
    /// What it has to be.
    pub expected: Expectation,
    /// Whether a value is needed.
    pub required: bool,
    /// Services that read it, sorted.
    pub readers: Vec<String>,
}

/// A variable of the env file.
#[derive(Clone, Copy, Debug)]
pub enum Variable<'a> {
    /// A secret.
    Secret(&'a Secret),
    /// A parameter.
    Parameter(&'a Parameter),
}

impl<'a> Variable<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        match self {
            Self::Secret(secret) => &secret.name,
            Self::Parameter(parameter) => &parameter.name,
        }
    }

    /// Heading in the env file.
    pub fn section(self) -> &'a str {
        match self {
            Self::Secret(secret) => &secret.section,
            Self::Parameter(parameter) => &parameter.section,
        }
    }

    /// Whether a value is needed on every server. What only builds read is asked for where one is built.
    pub fn is_required(self) -> bool {
        match self {
            Self::Secret(secret) => secret.required && !secret.build_only,
            Self::Parameter(parameter) => parameter.required,
        }
    }
}

impl Stack {
    /// The secret with this name.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.secrets.iter().find(|secret| secret.name == name)
    }

    /// The parameter with this name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The names that this deployment has: of its project, hosts, users and databases, and of what its images are called. Whoever guesses a
    /// password tries them first.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::from([self.project.to_string()]);
        names.extend(self.services.iter().flat_map(|service| [service.name.to_string(), service.image.name.to_string()]));
        for store in &self.backing_services {
            names.extend([store.name.to_string(), store.host.clone()]);
            if let super::Backing::Postgres { database, user, more, .. } = &store.kind {
                names.extend([database.to_string(), user.to_string()]);
                names.extend(more.iter().flat_map(|more| [more.name.to_string(), more.user.to_string()]));
            }
            if let Some(container) = store.kind.container() {
                names.insert(container.image.name.to_string());
                names.extend(container.url.as_ref().map(|url| url.user.clone()).filter(|user| !user.is_empty()));
            }
        }
        names.extend(self.edge.iter().flat_map(|edge| &edge.hosts).map(|host| host.name.to_string()));
        names
    }

    /// The env file's variables below their headings: the application, its backing services, security, workers, logging, monitoring, then
    /// what profiles name, and what belongs to the host.
    pub fn env_sections(&self) -> Vec<(&str, Vec<Variable<'_>>)> {
        let mut sections: Vec<(&str, Vec<Variable<'_>>)> = Vec::new();
        let parameters = self.parameters.iter().map(Variable::Parameter);
        for variable in parameters.chain(self.secrets.iter().map(Variable::Secret)) {
            match sections.iter_mut().find(|(title, _)| *title == variable.section()) {
                Some((_, list)) => list.push(variable),
                None => sections.push((variable.section(), vec![variable])),
            }
        }
        let store = |title: &str| self.backing_services.iter().position(|store| store.section() == title);
        let rank = |title: &str| match title {
            defaults::APPLICATION_SECTION => (0, 0),
            defaults::SECURITY_SECTION => (2, 0),
            defaults::WORKERS_SECTION => (3, 0),
            defaults::LOGGING_SECTION => (4, 0),
            defaults::MONITORING_SECTION => (5, 0),
            defaults::HOST_SECTION => (7, 0),
            // In the order of the profile.
            _ => store(title).map_or((6, 0), |at| (1, at)),
        };
        sections.sort_by_key(|(title, _)| rank(title));
        sections
    }
}

impl super::BackingService {
    /// Heading of its variables in the env file.
    pub fn section(&self) -> String {
        format!("{} ({})", self.kind.title(), self.name)
    }
}

/// `DATABASE_PASSWORD` for `database`.
pub(super) fn variable_of(name: &ServiceName, part: &str) -> String {
    format!("{}_{part}", name.as_str().to_uppercase().replace('-', "_"))
}

/// What is said later wins.
pub(super) fn put(vars: &mut Vec<EnvVar>, var: EnvVar) {
    match vars.iter_mut().find(|known| known.name == var.name) {
        Some(known) => *known = var,
        None => vars.push(var),
    }
}
