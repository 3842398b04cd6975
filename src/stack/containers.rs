//! Backing services of `kind: image`: a container of any image, with what it reads, keeps and needs.

use super::environment::Book;
use super::resolve::Resolver;
use super::{
    Backing, BackingService, Condition, Delivery, Dependency, EnvValue, EnvVar, Health, Image, NamedPort, Secret, Server, Stack, Tmpfs, VolumeSource, defaults,
};
use crate::diagnostics::Diagnostic;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::profile::model;
use crate::values::{ContainerPath, EnvName, HostPort, Named, SecretName, ServiceName};
use serde::Serialize;

/// What is known of a container of any image, besides how it is started.
#[derive(Clone, Debug, Serialize)]
pub struct Container {
    /// The image.
    pub image: Image,
    /// What its connection string is made of.
    pub url: Option<ContainerUrl>,
    /// What stands in place of the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// How others find out whether it works.
    pub health: Health,
    /// Its environment, in the order of the profile.
    pub env: Vec<EnvVar>,
    /// What has to be there before it starts, sorted by name.
    pub depends_on: Vec<Dependency>,
    /// What it may reach besides that.
    pub egress: Vec<HostPort>,
    /// Folders in memory that it may write to.
    pub tmpfs: Vec<Tmpfs>,
    /// Ports besides the main one.
    pub ports: Vec<NamedPort>,
    /// What outlives it.
    pub volumes: Vec<ContainerVolume>,
    /// True if it may write to nothing else.
    pub read_only: bool,
}

/// The parts of a connection string that are its own.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerUrl {
    /// Scheme of the URL.
    pub scheme: String,
    /// User, may be empty.
    pub user: String,
    /// Path without the leading slash, with the query.
    pub path: String,
}

/// A folder that outlives a container.
#[derive(Clone, Debug, Serialize)]
pub struct ContainerVolume {
    /// Its name at the backing service.
    pub name: ServiceName,
    /// The folder.
    pub path: ContainerPath,
    /// What it is; no folder of a host.
    pub source: VolumeSource,
}

impl Container {
    /// The text of the first of these variables that has one.
    fn literal(&self, names: &[&'static str]) -> Option<(String, &'static str)> {
        names.iter().find_map(|name| match &self.env.iter().find(|var| var.name == *name)?.value {
            EnvValue::Literal(text) if !text.is_empty() => Some((text.clone(), *name)),
            _ => None,
        })
    }

    /// The name of the database that its image makes, and where it stands: a variable, or its connection string.
    pub fn database(&self) -> Option<(String, &'static str)> {
        let known = known_images::known(self.image.name.as_str());
        let of_url = || {
            let path = self.url.as_ref().map(|url| url.path.split('?').next().unwrap_or_default()).filter(|path| !path.is_empty())?;
            Some((path.to_owned(), "url"))
        };
        known.and_then(|image| self.literal(image.databases())).or_else(of_url)
    }

    /// The name of the user that its image makes, and where it stands.
    pub fn login_user(&self) -> Option<(String, &'static str)> {
        let known = known_images::known(self.image.name.as_str());
        let of_url = || Some((self.url.as_ref().map(|url| url.user.clone()).filter(|user| !user.is_empty())?, "url"));
        known.and_then(|image| self.literal(image.users())).or_else(of_url)
    }

    /// What people call it: the last part of the image's name.
    pub fn title(&self) -> &str {
        let name = self.image.name.as_str();
        name.rsplit_once('/').map_or(name, |(_, last)| last)
    }

    /// The variables and secrets that reach it in this way.
    pub fn secrets<'a>(&'a self, stack: &'a Stack, delivered: Delivery) -> impl Iterator<Item = (&'a EnvVar, &'a Secret)> {
        self.env.iter().filter_map(move |var| match &var.value {
            EnvValue::Secret { name, deliver } if *deliver == delivered => stack.secret(name).map(|secret| (var, secret)),
            EnvValue::Secret { .. } | EnvValue::Literal(_) | EnvValue::Parameter(_) => None,
        })
    }

    /// The names of the parameters that it reads.
    pub fn parameters(&self) -> impl Iterator<Item = (&EnvVar, &str)> {
        self.env.iter().filter_map(|var| match &var.value {
            EnvValue::Parameter(name) => Some((var, name.as_str())),
            EnvValue::Secret { .. } | EnvValue::Literal(_) => None,
        })
    }
}

impl Resolver<'_> {
    /// A container without its environment, which may refer to any other backing service: [`Self::container_environments`] adds it.
    pub(super) fn container(&mut self, name: &ServiceName, written: &model::Container) -> BackingService {
        let root = ["backing_services", name.as_str()];
        let path = |key| [root[0], root[1], key];
        let at = |key| KeyPath::of(&root).key(key);
        let words = |args: &Option<Vec<crate::values::Arg>>| args.as_ref().map(|args| args.iter().map(ToString::to_string).collect::<Vec<_>>());
        let image = Image { name: written.image.name.clone(), tag: written.image.tag.clone() };
        let mut health = self.health(&root, &written.health, Some(written.port));
        let start_period = [root[0], root[1], "health", "start_period"];
        health.start_period = self.or(&start_period, written.health.start_period, defaults::STORE_START_PERIOD, "it may read all of its data first");
        let tmp = (!written.tmpfs.keys().any(|path| path.as_str() == "/tmp")).then(|| {
            let size = self.or(&[root[0], root[1], "tmpfs", "/tmp"], None, defaults::TMP_SIZE, "every program may want to write there");
            Tmpfs { path: "/tmp".into(), size }
        });
        let mut tmpfs: Vec<Tmpfs> = tmp.into_iter().chain(written.tmpfs.iter().map(|(path, size)| Tmpfs { path: path.to_string(), size: *size })).collect();
        tmpfs.sort_by(|a, b| a.path.cmp(&b.path));
        let volumes = self.container_volumes(name, written, &tmpfs);
        let ports = self.named_ports("backing_services", name, &written.ports, Some(written.port), "main");
        let taken: Vec<&str> = tmpfs.iter().map(|tmpfs| tmpfs.path.as_str()).chain(volumes.iter().map(|volume| volume.path.as_str())).collect();
        let files = self.store_files(name, &written.files, &taken);
        let password = written.url.as_ref().and_then(|url| url.password.as_ref());
        if let Some(password) = password.filter(|password| !written.secrets.contains_key(*password)) {
            let names: Vec<&str> = written.secrets.keys().map(SecretName::as_str).collect();
            if names.is_empty() || self.profile.secrets.contains_key(password) {
                let message = format!("`{name}` does not get the secret `{password}`");
                let help = format!("add `secrets: {{{password}: {{}}}}` at `{name}`, which the program reads its password from");
                self.error("unknown-reference", &at("url").key("password"), message, "not among its secrets", &help);
            } else {
                self.unknown(&format!("secret of `{name}`"), password.as_str(), &at("url").key("password"), names);
            }
        }
        let url = written.url.as_ref().map(|url| {
            let part = |key| [root[0], root[1], "url", key];
            let no_user = url.user.is_some() && url.password.is_none();
            if no_user {
                let message = format!("the connection string of `{name}` has a user without a password");
                self.error("missing-key", &at("url"), message, "missing here", "add `password: NAME`, one of its `secrets`, or remove `user`");
            }
            ContainerUrl {
                scheme: url.scheme.to_string(),
                user: self.or_as(
                    &KeyPath::of(&part("user")),
                    url.user.as_ref().map(ToString::to_string),
                    String::new(),
                    "no user",
                    "not every server has users",
                ),
                path: self.or_as(
                    &KeyPath::of(&part("path")),
                    url.path.as_ref().map(ToString::to_string),
                    String::new(),
                    "no path",
                    "not every server has parts",
                ),
            }
        });
        if url.is_some() && password.is_none() {
            self.origins.default_taken(at("url").key("password"), "none".into(), "not every server asks for one");
        }
        if written.shared_memory.is_none() {
            self.origins.default_taken(at("shared_memory"), "the engine's own".into(), "as container engines have it");
        }
        let server = Server {
            version: None,
            image: self.pinned(image.reference()),
            user: self.or_as(&at("user"), written.user.clone().map(Some), None, "the image's own", "the image knows whose its files are"),
            command: words(&written.command).unwrap_or_default(),
            about: Vec::new(),
            preparation: None,
            check: health.command.clone().unwrap_or_default(),
            start_period: health.start_period,
            data: "",
            shared_memory: written.shared_memory,
            storage: None,
            volume: None,
            resources: self.resources(&root, &written.resources.clone().unwrap_or_default(), defaults::SERVICE_CPU, defaults::SERVICE_MEMORY),
            needs: Vec::new(),
            pids: self.or(&path("pids"), None, defaults::CONTAINER_PIDS, "no fork bomb, and room for servers with many threads"),
            stop_grace: self.or(&path("stop_grace"), written.stop_grace, defaults::CONTAINER_STOP_GRACE, "what is in memory is written first"),
            publish: self.publish(&root, written.publish.as_ref()),
            files,
            escape: self.server_escape(name, &written.kubernetes),
        };
        let container = Container {
            image,
            url,
            entrypoint: words(&written.entrypoint),
            health,
            env: Vec::new(),
            depends_on: Vec::new(),
            egress: written.egress.clone(),
            tmpfs,
            ports,
            volumes,
            read_only: self.or(&path("read_only"), written.read_only, true, "what cannot be written cannot be replaced"),
        };
        BackingService {
            name: name.clone(),
            kind: Backing::Image(Box::new(container)),
            host: name.to_string(),
            addresses: Vec::new(),
            port: written.port,
            tls: false,
            password: password.map(ToString::to_string),
            server: Some(server),
            connections: None,
        }
    }

    fn container_volumes(&mut self, name: &ServiceName, written: &model::Container, in_memory: &[Tmpfs]) -> Vec<ContainerVolume> {
        let mut volumes: Vec<ContainerVolume> = Vec::new();
        for (volume, usage) in written.volumes.iter() {
            let at = |key| KeyPath::of(&["backing_services", name.as_str(), "volumes", volume.as_str()]).key(key);
            let folder = usage.path.as_str();
            if in_memory.iter().any(|tmpfs| tmpfs.path == folder) || volumes.iter().any(|other| other.path.as_str() == folder) {
                self.error("name-clash", &at("path"), format!("`{name}` has something else at `{folder}`"), "mounted twice", "use another folder");
            }
            let source = if let Some(external) = &usage.external {
                self.is_there_already(&at("external"), external, usage.size.map(|_| at("size")));
                VolumeSource::External(external.clone())
            } else {
                VolumeSource::Own(self.or_as(&at("size"), usage.size, defaults::VOLUME, &defaults::VOLUME.to_string(), "enough to start"))
            };
            volumes.push(ContainerVolume { name: volume.clone(), path: usage.path.clone(), source });
        }
        volumes
    }

    /// What containers read and wait for: all backing services are known now.
    pub(super) fn container_environments(&mut self, list: &mut [BackingService], book: &mut Book) {
        let profile = self.profile;
        let mut found = Vec::new();
        for (at, store) in list.iter().enumerate() {
            let Some(model::BackingService::Image(written)) = profile.backing_services.get(&store.name) else { continue };
            let env = self.variables(("backing_services", &store.name), (&written.env, &written.secrets), list, book);
            found.push((at, env, self.container_dependencies(&store.name, written, list)));
        }
        for (at, env, depends_on) in found {
            if let Backing::Image(container) = &mut list[at].kind {
                (container.env, container.depends_on) = (env, depends_on);
            }
        }
        self.container_cycles(list);
    }

    /// The variables of a container: its own, and its secrets.
    fn variables(
        &mut self,
        (section, name): (&str, &ServiceName),
        (env, secrets): (&Named<EnvName, model::EnvValue>, &Named<SecretName, model::SecretUse>),
        backing: &[BackingService],
        book: &mut Book,
    ) -> Vec<EnvVar> {
        let profile = self.profile;
        let mut vars: Vec<EnvVar> = Vec::new();
        for (key, value) in env.iter() {
            let path = KeyPath::of(&[section, name.as_str(), "env", key.as_str()]);
            let value = self.env_value(name, value, &path, (backing, &[]), book);
            vars.push(EnvVar { name: key.to_string(), value, address_of: None, declared: path });
        }
        for (secret, usage) in secrets.iter() {
            let path = KeyPath::of(&[section, name.as_str(), "secrets", secret.as_str()]);
            let Some(declared) = profile.secrets.get(secret) else {
                self.unknown_secret(secret, &path);
                continue;
            };
            book.read(secret.as_str(), name.as_str());
            let alias = usage.alias.as_ref().map(ToString::to_string);
            let variable = self.or_as(&path.key("as"), alias, secret.to_string(), secret.as_str(), "the secret's name");
            if let Some(known) = vars.iter().find(|known| known.name == variable) {
                let place = self.origins.key_place(&path);
                let error = Diagnostic::error("name-clash", format!("`{name}` has the variable `{variable}` already")).at(path.clone());
                let error = error.label(place, "set twice").related(self.origins.key_place(&known.declared), "and here");
                self.errors.push(error.help("remove one, or rename this one with `as`"));
            }
            let deliver = self.delivery(secret.as_str(), declared.deliver);
            vars.push(EnvVar { name: variable, value: EnvValue::Secret { name: secret.to_string(), deliver }, address_of: None, declared: path });
        }
        self.clashing_names(section, name, &vars);
        vars
    }

    fn container_dependencies(&mut self, name: &ServiceName, written: &model::Container, list: &[BackingService]) -> Vec<Dependency> {
        let mut dependencies: Vec<Dependency> = Vec::new();
        for (other, condition) in written.depends_on.iter() {
            let path = KeyPath::of(&["backing_services", name.as_str(), "depends_on", other.as_str()]);
            let Some(store) = list.iter().find(|store| store.name == *other && other != name) else {
                let names = list.iter().map(|store| store.name.as_str()).filter(|known| *known != name.as_str());
                self.unknown("other backing service", other.as_str(), &path, names);
                continue;
            };
            self.condition(store, *condition, &path);
            dependencies.push(Dependency { name: other.clone(), condition: *condition });
        }
        for value in written.env.values() {
            let model::EnvValue::From { from, .. } = value else { continue };
            let owner = from.as_str().split('.').next().unwrap_or_default();
            let Some(store) = list.iter().find(|store| store.name.as_str() == owner && store.name != *name) else { continue };
            if !dependencies.iter().any(|known| known.name == store.name) {
                let path = KeyPath::of(&["backing_services", name.as_str(), "depends_on", owner]);
                dependencies.push(self.implied(store, path));
            }
        }
        dependencies.sort_by(|a, b| a.name.cmp(&b.name));
        dependencies
    }

    /// The dependency of who refers to a backing service: one that nobody can check was started at best.
    pub(super) fn implied(&mut self, store: &BackingService, path: KeyPath) -> Dependency {
        let condition = if store.has_engine_check() { Condition::Healthy } else { Condition::Started };
        let word = if condition == Condition::Healthy { "healthy" } else { "started" };
        self.origins.default_taken(path, word.into(), "its environment refers to it");
        Dependency { name: store.name.clone(), condition }
    }

    /// Says what a container lacks that is asked for its connection string or its password, and does not tell what they are made of.
    pub(super) fn lacks_url(&mut self, store: &BackingService, part: &str, path: &KeyPath) -> bool {
        let profile = self.profile;
        let Some(model::BackingService::Image(written)) = profile.backing_services.get(&store.name) else { return false };
        if !matches!(part, "url" | "password") || (written.url.is_some() && (part == "url" || store.password.is_some())) {
            return false;
        }
        let name = &store.name;
        let help = match known_images::known(written.image.name.as_str()) {
            Some(image) => {
                let text = |variable: &str| match written.env.iter().find(|(key, _)| key.as_str() == variable) {
                    Some((_, model::EnvValue::Text(text))) => Some(text.to_string()),
                    _ => None,
                };
                let password = written.secrets.iter().find(|(secret, usage)| {
                    let variable = usage.alias.as_ref().map_or(secret.as_str(), |alias| alias.as_str());
                    image.passwords.contains(&variable)
                });
                let help = image.login(name.as_str(), text(image.user).as_deref(), password.map(|(secret, _)| secret.as_str()));
                // Whoever asks it without TLS, or has switched its security off, reaches it so.
                let asks = written.health.command.iter().flatten().any(|word| word.as_str().contains("http://"));
                let is_off = text("DISABLE_SECURITY_PLUGIN").as_deref() == Some("true");
                if asks || is_off { help.replace("scheme: https", "scheme: http") } else { help }
            }
            None => format!(
                "at `{name}`, write `url: {{scheme: http}}` with the scheme of its clients; with a login `url: {{scheme: http, user: app, password: NAME}}`, where `NAME` is one of its `secrets`"
            ),
        };
        self.error("unknown-reference", path, format!("`{name}` does not say what its `{part}` is made of"), "not known", &help);
        true
    }

    /// Says how a name is written that a container has, and infragen does not know as such.
    pub(super) fn lacks_name(&mut self, store: &BackingService, part: &str, path: &KeyPath) -> bool {
        let Backing::Image(container) = &store.kind else { return false };
        let is_user = matches!(part, "user" | "username");
        if !is_user && !matches!(part, "name" | "database" | "db") {
            return false;
        }
        let name = &store.name;
        let Some((own, place)) = (if is_user { container.login_user() } else { container.database() }) else { return false };
        let (what, variable) = (if is_user { "user" } else { "database" }, path.0.last().map(ToString::to_string).unwrap_or_default());
        let message = format!("`{name}` is `kind: image`: infragen knows no name of a {what} of it");
        self.error(
            "unknown-reference",
            &path.key("from"),
            message,
            "not known",
            &format!("write the name as a text: `{variable}: {own}`, as in its `{place}`"),
        );
        true
    }

    /// A backing service never ends, and is healthy only if somebody looks.
    pub(super) fn condition(&mut self, store: &BackingService, condition: Condition, path: &KeyPath) {
        let name = &store.name;
        if condition == Condition::Completed {
            let message = format!("`{name}` never ends: it cannot be `completed`");
            self.error("contradiction", path, message, "never true", "write `healthy` or `started`");
        } else if condition == Condition::Healthy && !store.has_engine_check() {
            let message = format!("`{name}` can never be healthy: it has no check that the container engine can run");
            let help = format!("write `started`, or add `backing_services.{name}.health.command`");
            self.error("contradiction", path, message, "never true", &help);
        }
    }

    /// Containers that wait for each other never start.
    fn container_cycles(&mut self, list: &[BackingService]) {
        let next = |name: &ServiceName| {
            let store = list.iter().find(|store| store.name == *name);
            store.and_then(|store| store.kind.container()).map(|container| container.depends_on.as_slice()).unwrap_or_default()
        };
        for store in list {
            let mut reached: Vec<&ServiceName> = next(&store.name).iter().map(|dependency| &dependency.name).collect();
            let mut at = 0;
            while let Some(name) = reached.get(at).copied() {
                let more: Vec<&ServiceName> = next(name).iter().map(|dependency| &dependency.name).filter(|name| !reached.contains(name)).collect();
                reached.extend(more);
                at += 1;
            }
            if reached.contains(&&store.name) {
                let path = KeyPath::of(&["backing_services", store.name.as_str()]);
                let message = format!("`{}` waits for itself, by way of what it depends on", store.name);
                self.error("dependency-cycle", &path, message, "never starts", "let one of them start without the other");
                return;
            }
        }
    }
}

impl Stack {
    /// The environment variables of all services and containers.
    pub fn variables(&self) -> impl Iterator<Item = &EnvVar> {
        let containers = self.backing_services.iter().filter_map(|store| store.kind.container());
        self.services.iter().flat_map(|service| &service.env).chain(containers.flat_map(|container| &container.env))
    }

    /// Names of the volumes of containers on one host: the backing service's and the volume's own.
    pub fn container_volumes(&self) -> impl Iterator<Item = (String, &ContainerVolume)> {
        let containers = self.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?)));
        containers.flat_map(|(store, container)| container.volumes.iter().map(|volume| (format!("{}-{}", store.name, volume.name), volume)))
    }
}

impl BackingService {
    /// True if the engine on one host finds out whether it is healthy. Nothing is known of what somebody else runs: nobody waits for it.
    pub fn has_engine_check(&self) -> bool {
        self.server.as_ref().is_none_or(|server| !server.check.is_empty())
    }
}
