//! Environment variables, secrets and parameters: references are followed to what they stand for.

use super::resolve::Resolver;
use super::url::{Shape, address_of, connection, open_url};
use super::variables::{put, variable_of};
use super::{
    Backing, BackingService, Command, Connection, Delivery, EnvValue, EnvVar, EnvironmentKind, Parameter, Pool, Secret, SecretSource, SecretValue, Service,
    TlsKind,
};
use super::{GenerateKind, HTTP_PORT, HTTPS_PORT, defaults};
use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::profile::{PARAM_AND_REFERENCE, model};
use crate::values::{Expectation, ServiceName, ValueFormat, Workers};
use std::collections::{BTreeMap, BTreeSet};

/// What was met while services were resolved: secrets and parameters, and who reads them.
#[derive(Default)]
pub(super) struct Book {
    secrets: BTreeMap<String, Page>,
    /// In the order in which they were met, with the place of their declaration.
    pub(super) parameters: Vec<(Parameter, KeyPath)>,
}

#[derive(Default)]
struct Page {
    value: Option<SecretValue>,
    description: String,
    section: Option<String>,
    format: Option<ValueFormat>,
    readers: BTreeSet<String>,
    /// How many of the readers are builds.
    builds: usize,
}

impl Book {
    /// Notes a reader of a secret that the profile declares.
    pub(super) fn read(&mut self, name: &str, reader: &str) {
        self.secrets.entry(name.to_owned()).or_default().readers.insert(reader.to_owned());
    }

    /// Notes a secret that the build of a service reads.
    pub fn build_secret(&mut self, name: &str, service: &str) {
        let page = self.secrets.entry(name.to_owned()).or_default();
        page.builds += usize::from(page.readers.insert(format!("the build of {service}")));
    }

    /// Notes the password of a backing service: of one that runs here, the server is a reader.
    pub fn password(&mut self, store: &BackingService, reader: Option<&str>) {
        let Some(name) = &store.password else { return };
        let page = self.secrets.entry(name.clone()).or_default();
        page.readers.extend(reader.map(str::to_owned));
        // That of a container is declared by the profile.
        if store.kind.container().is_some() {
            return;
        }
        page.description = match &store.kind {
            Backing::Postgres { user, .. } if *name != variable_of(&store.name, "PASSWORD") => {
                format!("Password of {user} in {} ({}).", store.kind.title(), store.name)
            }
            _ => format!("Password of {} ({}).", store.kind.title(), store.name),
        };
        page.section = Some(store.section());
        if store.server.is_none() {
            page.value = Some(SecretValue::External);
        }
    }

    /// Notes a reader of a secret that an error tracker hands out.
    pub fn report_address(&mut self, name: &str, reader: &str) {
        let page = self.secrets.entry(name.to_owned()).or_default();
        "The DSN: where errors are reported to, from the project's settings in Sentry.".clone_into(&mut page.description);
        page.section = Some(defaults::MONITORING_SECTION.to_owned());
        page.value = Some(SecretValue::External);
        page.format = Some(ValueFormat::Url);
        page.readers.insert(reader.to_owned());
    }

    /// Notes a parameter of infragen's own, unless the profile declares one of this name.
    pub fn parameter(&mut self, parameter: Parameter, path: KeyPath) {
        match self.parameters.iter_mut().find(|(known, _)| known.name == parameter.name) {
            Some((known, _)) => {
                known.readers.extend(parameter.readers);
                known.readers.sort();
                known.readers.dedup();
            }
            None => self.parameters.push((parameter, path)),
        }
    }

    /// Holds a number of the env file to a largest value, and says why.
    pub fn bound(&mut self, name: &str, most: u32, why: &str) {
        for (parameter, _) in self.parameters.iter_mut().filter(|(parameter, _)| parameter.name == name) {
            parameter.expected.max = Some(most.into());
            parameter.description.push_str(why);
        }
    }

    /// Notes a reader of a connection string; false if its name is another one's.
    fn url(&mut self, name: &str, store: &BackingService, connection: Connection, reader: &str) -> bool {
        let page = self.secrets.entry(name.to_owned()).or_default();
        "Connection string with the password in it.".clone_into(&mut page.description);
        page.section = Some(store.section());
        let value = Some(SecretValue::Derived(connection));
        if page.value.is_some() && page.value != value {
            return false;
        }
        page.value = value;
        page.readers.insert(reader.to_owned());
        true
    }
}

impl Resolver<'_> {
    /// The variables of one service: those of its groups, its own, and its secrets.
    pub(super) fn environment(
        &mut self,
        name: &ServiceName,
        service: &model::Service,
        backing: &[BackingService],
        pools: &[Pool],
        book: &mut Book,
    ) -> Vec<EnvVar> {
        let profile = self.profile;
        // What `like` brought is written at the other service: a mistake in it is reported there, once.
        let own = profile.services.get(name);
        let like = own.and_then(|own| own.like.as_ref()).unwrap_or(name);
        let written_at = |is_own: bool| if is_own { name.as_str() } else { like.as_str() };
        let mut vars: Vec<EnvVar> = Vec::new();
        for (at, group) in service.env_from.iter().enumerate() {
            let Some(block) = profile.env_groups.get(group) else {
                let at = own.and_then(|own| own.env_from.iter().position(|known| known == group)).map_or((like, at), |at| (name, at));
                let path = KeyPath::of(&["services", at.0.as_str(), "env_from"]).index(at.1);
                self.unknown("block in `env_groups`", group.as_str(), &path, profile.env_groups.keys().map(ServiceName::as_str));
                continue;
            };
            // What is left out of an inherited group is there where the service names the group itself.
            let is_own = own.is_some_and(|own| own.like.is_none() || own.env_from.contains(group));
            let left_out = own.filter(|_| !is_own).map(|own| own.without.as_slice()).unwrap_or_default();
            for (key, value) in block.iter().filter(|(key, _)| !left_out.contains(key)) {
                let path = KeyPath::of(&["env_groups", group.as_str(), key.as_str()]);
                put(
                    &mut vars,
                    EnvVar {
                        name: key.to_string(),
                        value: self.env_value(name, value, &path, (backing, pools), book),
                        address_of: address_of(value, backing),
                        declared: path,
                    },
                );
            }
        }
        for (key, value) in service.env.iter() {
            let path = KeyPath::of(&["services", written_at(own.is_some_and(|own| own.env.contains_key(key))), "env", key.as_str()]);
            put(
                &mut vars,
                EnvVar {
                    name: key.to_string(),
                    value: self.env_value(name, value, &path, (backing, pools), book),
                    address_of: address_of(value, backing),
                    declared: path,
                },
            );
        }
        for (secret, usage) in service.secrets.iter() {
            let Some(declared) = profile.secrets.get(secret) else {
                let path = KeyPath::of(&["services", written_at(own.is_some_and(|own| own.secrets.contains_key(secret))), "secrets", secret.as_str()]);
                self.unknown_secret(secret, &path);
                continue;
            };
            book.read(secret.as_str(), name.as_str());
            let path = KeyPath::of(&["services", written_at(own.is_some_and(|own| own.secrets.contains_key(secret))), "secrets", secret.as_str(), "as"]);
            let variable = self.or_as(&path, usage.alias.as_ref().map(ToString::to_string), secret.to_string(), secret.as_str(), "the secret's name");
            if let Some(known) = vars.iter().find(|known| known.name == variable) {
                let place = self.origins.key_place(&path.parent());
                let error = Diagnostic::error("name-clash", format!("`{name}` has the variable `{variable}` already")).at(path.parent());
                let error = error.label(place, "set twice").related(self.origins.key_place(&known.declared), "and here");
                self.errors.push(error.help("remove one, or rename this one with `as`"));
            }
            let deliver = self.delivery(secret.as_str(), declared.deliver);
            put(&mut vars, EnvVar { name: variable, value: EnvValue::Secret { name: secret.to_string(), deliver }, address_of: None, declared: path.parent() });
        }
        self.clashing_names("services", name, &vars);
        vars
    }

    pub(super) fn delivery(&mut self, secret: &str, given: Option<Delivery>) -> Delivery {
        let path = KeyPath::of(&["secrets", secret, "deliver"]);
        self.or_as(&path, given, Delivery::File, Delivery::File.as_str(), "an environment is seen by everybody who can look at the process")
    }

    /// `X` as a file sets `X_FILE`, which may have been set by hand, too.
    pub(super) fn clashing_names(&mut self, section: &str, service: &ServiceName, vars: &[EnvVar]) {
        for var in vars {
            let file = format!("{}_FILE", var.name);
            let delivered_as_file = matches!(&var.value, EnvValue::Secret { deliver: Delivery::File, .. });
            if delivered_as_file && vars.iter().any(|other| other.name == file) {
                let path = KeyPath::of(&[section, service.as_str(), "env", &file]);
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

    pub(super) fn env_value(
        &mut self,
        service: &ServiceName,
        value: &model::EnvValue,
        path: &KeyPath,
        known: (&[BackingService], &[Pool]),
        book: &mut Book,
    ) -> EnvValue {
        let before = self.errors.len();
        let found = self.value_of(service, value, path, known, book);
        if let (model::EnvValue::From { from, deliver: Some(_), .. }, EnvValue::Literal(_)) = (value, &found) {
            // What a server with a mistake of its own would have said is not known.
            let owner = from.as_str().split('.').next().unwrap_or_default();
            let is_known = owner == "edge" || known.0.iter().any(|store| store.name.as_str() == owner);
            if is_known && self.errors.len() == before {
                let message = format!("`{from}` is no secret: it is in the variable itself");
                self.error("misplaced-key", &path.key("deliver"), message, "not used", "remove it: only a secret comes as a file or as a variable");
            }
        }
        found
    }

    fn value_of(
        &mut self,
        service: &ServiceName,
        value: &model::EnvValue,
        path: &KeyPath,
        (backing, pools): (&[BackingService], &[Pool]),
        book: &mut Book,
    ) -> EnvValue {
        let nothing = EnvValue::Literal(String::new());
        let shape = Shape::of(value);
        let (from, deliver) = match value {
            model::EnvValue::Text(text) => return EnvValue::Literal(text.to_string()),
            model::EnvValue::From { from, deliver, .. } => (from, *deliver),
            model::EnvValue::Param(parameter) => return self.parameter(service, parameter, path, book),
            model::EnvValue::Mixed => {
                let message = format!("`{path}` {PARAM_AND_REFERENCE}");
                self.error("contradiction", path, message, "only one can be the value", "remove `param`, or `from` and what belongs to it");
                return nothing;
            }
        };
        let (owner, rest) = from.as_str().split_once('.').unwrap_or((from.as_str(), ""));
        let (database, part) = rest.rsplit_once('.').map_or((None, rest), |(database, part)| (Some(database), part));
        for (key, _) in [("scheme", shape.scheme), ("path", shape.path)].iter().filter(|(_, given)| given.is_some() && (part != "url" || owner == "edge")) {
            self.error(
                "misplaced-key",
                &path.key(*key),
                format!("`{from}` has no `{key}` to choose"),
                "not used",
                "remove it: it belongs to the `url` of a backing service",
            );
        }
        if owner == "edge" {
            return self.edge_value(rest, path).map_or(nothing, EnvValue::Literal);
        }
        let Some(store) = backing.iter().find(|store| store.name.as_str() == owner) else {
            // A backing service with a mistake of its own has been reported already.
            if self.profile.backing_services.keys().any(|name| name.as_str() == owner) || self.is_own_service(owner, &path.key("from")) {
                return nothing;
            }
            let names = backing.iter().map(|store| store.name.as_str()).chain(self.profile.edge.is_some().then_some("edge"));
            self.unknown("backing service", owner, &path.key("from"), names);
            return nothing;
        };
        if let Some(port) = database.and_then(|name| store.ports().iter().find(|port| port.name.as_str() == name)) {
            let values = [("host", store.host.clone()), ("port", port.port.to_string()), ("address", format!("{}:{}", store.host, port.port))];
            if let Some((_, text)) = values.iter().find(|(name, _)| *name == part) {
                return EnvValue::Literal(text.clone());
            }
            self.unknown(&format!("value of `{owner}.{}` named", port.name), part, &path.key("from"), values.iter().map(|(name, _)| *name));
            return nothing;
        }
        let prefix = variable_of(&store.name, &database.map(|name| format!("{}_", name.to_uppercase())).unwrap_or_default());
        let seen = match database {
            Some(name) => {
                let Some(known) = store.more_databases().iter().find(|known| known.name.as_str() == name) else {
                    let (what, names): (_, Vec<&str>) = match store.kind {
                        Backing::Image(_) => ("further port", store.ports().iter().map(|port| port.name.as_str()).collect()),
                        Backing::Postgres { .. } | Backing::Redis => ("database", store.more_databases().iter().map(|known| known.name.as_str()).collect()),
                    };
                    self.unknown(&format!("{what} of `{owner}`"), name, &path.key("from"), names);
                    return nothing;
                };
                Some(store.seen_from(known))
            }
            None => None,
        };
        let store = seen.as_ref().unwrap_or(store);
        let mut plain = vec![("host", store.host.clone()), ("port", store.port.to_string()), ("address", format!("{}:{}", store.host, store.port))];
        plain.extend(open_url(store, shape).map(|url| ("url", url)));
        if let Backing::Postgres { database, user, .. } = &store.kind {
            plain.extend([("user", user.to_string()), ("name", database.to_string())]);
            plain.extend(pools.iter().find(|pool| pool.store == store.name).map(|pool| ("pool", pool.size.to_string())));
        }
        if let Some((_, text)) = plain.iter().find(|(name, _)| *name == part) {
            return EnvValue::Literal(text.clone());
        }
        let name = match (part, &store.password, connection(store)) {
            ("password", Some(password), _) => {
                book.password(store, Some(service.as_str()));
                password.clone()
            }
            ("url", _, Some(connection)) => {
                let usual = connection.clone();
                let connection = shape.applied(connection);
                let name = format!("{prefix}URL") + &shape.suffix(&usual);
                if !book.url(&name, store, connection, service.as_str()) {
                    let message = format!("`{name}` is another connection string already: the two differ in signs only that no name has");
                    self.error("name-clash", path, message, "taken", "let both have the same `scheme` and `path`");
                }
                // The string is composed of it.
                book.password(store, None);
                name
            }
            _ if self.lacks_url(store, part, &path.key("from")) || self.lacks_name(store, part, path) => return nothing,
            _ => {
                let secret = [("password", store.password.is_some()), ("url", connection(store).is_some())];
                let secret = secret.into_iter().filter_map(|(name, is_there)| is_there.then_some(name));
                self.unknown(&format!("value of `{owner}` named"), part, &path.key("from"), plain.iter().map(|(name, _)| *name).chain(secret));
                return nothing;
            }
        };
        let declared = self.profile.secrets.iter().find(|(known, _)| known.as_str() == name).and_then(|(_, secret)| secret.deliver);
        let deliver = if let Some(deliver) = deliver { deliver } else { self.delivery(&name, declared) };
        if self.origins.get(&path.key("deliver")).is_none() {
            self.origins.default_taken(path.key("deliver"), deliver.as_str().to_owned(), "as the secret is delivered");
        }
        EnvValue::Secret { name, deliver }
    }

    fn edge_value(&mut self, part: &str, path: &KeyPath) -> Option<String> {
        let Some(edge) = &self.profile.edge else {
            self.unknown("edge", part, &path.key("from"), []);
            return None;
        };
        let host = edge.hosts.keys().next()?;
        // Without TLS of its own the edge stands behind a proxy that has it, if it trusts one.
        let secure = TlsKind::of(&edge.tls).ends_here() || !edge.trusted_proxies.is_empty();
        match part {
            "host" => Some(host.to_string()),
            "url" => {
                let shown = self.public_port(edge).map(|port| format!(":{port}")).unwrap_or_default();
                Some(format!("{}://{host}{shown}", if secure { "https" } else { "http" }))
            }
            _ => {
                self.unknown("value of `edge` named", part, &path.key("from"), ["url", "host"]);
                None
            }
        }
    }

    /// The env file may decide over the number of workers, unless the profile does.
    pub(super) fn workers(services: &mut [Service], book: &mut Book) {
        let auto: Vec<ServiceName> = services
            .iter()
            .filter(|service| matches!(service.command, Command::Gunicorn { workers: Workers::Auto, .. }))
            .map(|service| service.name.clone())
            .collect();
        for owner in auto {
            let name = variable_of(&owner, "WORKERS");
            let path = KeyPath::of(&["services", owner.as_str(), "run", "workers"]);
            let Some(env) = services.iter().find(|service| service.name == owner).map(|service| service.env.clone()) else { continue };
            if env.iter().any(|var| defaults::WORKERS_VARIABLES.contains(&var.name.as_str())) {
                continue;
            }
            let is_shared = |other: &[EnvVar]| other.len() == env.len() && other.iter().zip(&env).all(|(a, b)| a.name == b.name && a.value == b.value);
            // Those that share the image and its environment go on sharing it.
            for service in services.iter_mut().filter(|service| service.image_owner == owner && is_shared(&service.env)) {
                service.env.push(EnvVar {
                    name: defaults::WORKERS_VARIABLE.into(),
                    value: EnvValue::Parameter(name.clone()),
                    address_of: None,
                    declared: path.clone(),
                });
            }
            let parameter = Parameter {
                name,
                description: format!("Worker processes of each instance of {owner}. Empty: one for each CPU of the container, at least two."),
                section: defaults::WORKERS_SECTION.into(),
                default: String::new(),
                expected: Expectation { min: Some(1), ..ValueFormat::Integer.into() },
                required: false,
                readers: vec![owner.to_string()],
            };
            book.parameters.push((parameter, path));
        }
    }

    /// What the host decides: tags of images, and ports of the edge.
    fn host_parameters(&self, services: &[Service]) -> Vec<Parameter> {
        let Some(compose) = &self.profile.targets.compose else { return Vec::new() };
        let parameter = |name: &str, description: String, default: String, format: ValueFormat, readers: Vec<String>| Parameter {
            name: name.to_owned(),
            description,
            section: defaults::HOST_SECTION.into(),
            default,
            expected: format.into(),
            required: false,
            readers,
        };
        let mut list = Vec::new();
        for owner in services.iter().filter(|service| service.image_owner == service.name) {
            let mut readers: Vec<String> =
                services.iter().filter(|service| service.image_owner == owner.name).map(|service| service.name.to_string()).collect();
            readers.sort();
            let about = format!("Tag of {}, for a release other than the profile's.", owner.image.name);
            list.push(parameter(&owner.tag_variable(), about, owner.image.tag.to_string(), ValueFormat::Tag, readers));
        }
        if let Some(edge) = &self.profile.edge {
            let port = |given: Option<crate::values::Port>, default: u16| given.map_or(default, crate::values::Port::get).to_string();
            let readers = vec![super::EDGE_NAME.to_owned()];
            let http = port(compose.http_port, defaults::HTTP_PORT);
            list.push(parameter(HTTP_PORT, "Port of this host for HTTP.".into(), http, ValueFormat::Port, readers.clone()));
            if TlsKind::of(&edge.tls).ends_here() {
                let https = port(compose.https_port, defaults::HTTPS_PORT);
                list.push(parameter(HTTPS_PORT, "Port of this host for HTTPS.".into(), https, ValueFormat::Port, readers));
            }
        }
        list
    }

    /// The parameters of the env file.
    pub(super) fn parameters(&mut self, services: &[Service], book: &mut Book) -> Vec<Parameter> {
        let host = self.host_parameters(services);
        for (parameter, path) in &book.parameters {
            if host.iter().any(|known| known.name == parameter.name) {
                self.error("name-clash", path, format!("`{}` is a setting of the env file already", parameter.name), "taken", "give it another name");
            }
        }
        std::mem::take(&mut book.parameters).into_iter().map(|(parameter, _)| parameter).chain(host).collect()
    }

    /// The secrets that somebody reads, with what the profile says of them.
    pub(super) fn secrets(&mut self, book: Book, parameters: &[Parameter]) -> Vec<Secret> {
        book.secrets.into_iter().map(|(name, page)| self.secret(name, page, parameters)).collect()
    }

    /// What Docker itself reads cannot be a variable of the deployment: a secret would become a project's name.
    pub(super) fn dockers_own(&mut self, name: &str, path: &KeyPath) {
        if super::DOCKERS_OWN.iter().any(|start| name.starts_with(start)) {
            let message = format!("`{name}` is a variable that Docker reads itself");
            self.error("name-clash", path, message, "taken", "choose a name that does not start like this");
        }
    }

    fn secret(&mut self, name: String, page: Page, parameters: &[Parameter]) -> Secret {
        self.dockers_own(&name, &KeyPath::of(&["secrets", &name]));
        let declared = self.profile.secrets.iter().find(|(known, _)| known.as_str() == name).map(|(_, secret)| secret.clone()).unwrap_or_default();
        let at = |key| KeyPath::of(&["secrets", &name, key]);
        if parameters.iter().any(|parameter| parameter.name == name) {
            self.error(
                "name-clash",
                &KeyPath::of(&["secrets", &name]),
                format!("`{name}` is a setting of the env file already"),
                "taken",
                "give the secret another name",
            );
        }
        let is_external = declared.source == Some(SecretSource::External) || page.value == Some(SecretValue::External);
        if let (Some(_), Some(SecretValue::Derived(_)), _) | (Some(_), _, true) = (declared.generate, &page.value, is_external) {
            let message = format!("`{name}` is {}: nothing generates it", if is_external { "supplied from outside" } else { "composed of other values" });
            self.error("contradiction", &at("generate"), message, "not used", "remove it");
            self.against(&["source"]);
        }
        match page.value {
            Some(SecretValue::Derived(_)) => {}
            Some(SecretValue::External) => {
                let source = self.or_as(&at("source"), declared.source, SecretSource::External, "external", "somebody else hands it out");
                if source == SecretSource::Generated {
                    let message = format!("`{name}` cannot be generated: somebody else hands it out");
                    self.error("contradiction", &at("source"), message, "never generated", "remove it");
                }
            }
            _ => drop(self.or_as(&at("source"), declared.source, SecretSource::Generated, "generated", "nobody has to think of it")),
        }
        let value = match page.value {
            Some(value @ SecretValue::Derived(_)) => value,
            _ if is_external => SecretValue::External,
            _ => self.generated(&name, declared.generate.unwrap_or_default()),
        };
        let least = match value {
            SecretValue::Generated { length, bytes: Some(_), .. } => length,
            SecretValue::Generated { length, .. } => (length / 2).max(defaults::SECRET_MIN_LENGTH),
            SecretValue::External | SecretValue::Derived(_) => 1,
        };
        let min_length = match value {
            SecretValue::Derived(_) => least,
            SecretValue::Generated { .. } | SecretValue::External => {
                self.or(&["secrets", &name, "min_length"], declared.min_length, least, "half of what is generated, at least 16")
            }
        };
        if matches!((&value, declared.min_length), (SecretValue::Generated { length, bytes: Some(_), .. }, Some(written)) if *length != written) {
            let message = format!("`{name}` has exactly as many characters as its bytes take");
            self.error("misplaced-key", &at("min_length"), message, "not used", "remove it");
        } else if let SecretValue::Generated { length, .. } = value {
            if length < min_length {
                let message = format!("a value of {length} characters is generated, but {min_length} are needed");
                self.error("contradiction", &at("min_length"), message, "more than is generated", "lower it, or raise `generate.length`");
            }
        }
        let usual = page.format.unwrap_or(ValueFormat::Text);
        let format = self.or_as(&at("format"), declared.format, usual, usual.as_str(), "what it has to be is known, or any text will do");
        if format != ValueFormat::Text && value != SecretValue::External {
            let message = format!("`{name}` is not supplied from outside: its format is known");
            self.error("misplaced-key", &at("format"), message, "not used", "add `source: external`, where somebody else hands the value out; or remove it");
        }
        let format = match value {
            SecretValue::Generated { kind: GenerateKind::Hex, bytes: Some(_), .. } => ValueFormat::Hex,
            SecretValue::Generated { bytes: Some(_), .. } => ValueFormat::Base64,
            _ => format,
        };
        let section = page.section.unwrap_or_else(|| defaults::SECURITY_SECTION.to_owned());
        let section = self.or(&["secrets", &name, "section"], declared.section.as_ref().map(ToString::to_string), section, "where people look for it");
        let description = declared.description.as_ref().map(ToString::to_string).unwrap_or(page.description);
        let is_password = self.profile.backing_services.iter().any(|(store, written)| match written {
            model::BackingService::Postgres(postgres) => {
                let more = postgres.databases.keys().map(|database| format!("{}_PASSWORD", database.as_str().to_uppercase()));
                more.chain(["PASSWORD".to_owned()]).any(|part| variable_of(store, &part) == name)
            }
            model::BackingService::Redis(_) => variable_of(store, "PASSWORD") == name,
            model::BackingService::Image(container) => container.url.as_ref().and_then(|url| url.password.as_ref()).is_some_and(|own| own.as_str() == name),
        });
        // A build asks for it before anything runs.
        let is_elsewhere = value == SecretValue::External && !is_password && page.builds == 0 && self.profile.environment.kind == EnvironmentKind::Development;
        let reason = if is_elsewhere { "a laptop has no account of its own at whoever hands it out" } else { "a secret that is read is needed" };
        let required = self.or(&["secrets", &name, "required"], declared.required, !is_elsewhere, reason);
        if !required && (is_password || matches!(value, SecretValue::Derived(_))) {
            let message = format!("`{name}` belongs to a backing service, which does not work without it");
            self.error("contradiction", &at("required"), message, "always needed", "remove it");
        }
        if declared.min_length.is_some() && matches!(value, SecretValue::Derived(_)) {
            let message = format!("`{name}` is composed of other values: its length is theirs");
            self.error("misplaced-key", &at("min_length"), message, "not used", "remove it, or set it at the password");
        }
        let build_only = page.builds > 0 && page.builds == page.readers.len();
        Secret { description, build_only, section, value, format, min_length, required, readers: page.readers.into_iter().collect(), name }
    }
}
