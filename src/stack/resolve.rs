//! [`Profile`] to [`Stack`]: references are followed, defaults are taken, and what leaves no Stack is an error.

use super::environment::Book;
use super::switched_off::{SwitchedOff, take_out};
use super::{ComposeTarget, Edge, EnvironmentKind, NginxTarget, Origins, Stack, Targets, Waiver, defaults};
use crate::diagnostics::{self, Diagnostic, nearest};
use crate::key_path::KeyPath;
use crate::profile::model::{BackingService, Resources};
use crate::profile::{Loaded, Profile, SWITCHED_OFF};
use crate::source::SourceId;
use crate::values::{Duration, EntryName, KeyPathText, Port, ProjectName, Scalar, SecretName, ServiceName, Size, UserId, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::PathBuf;

/// Resolves a profile whose file's stem is `name`.
///
/// # Errors
/// All mistakes that leave no Stack, in the order of their places.
pub fn resolve(loaded: Loaded, name: &str) -> Result<Stack, Vec<Diagnostic>> {
    let Loaded { profile, tree, kinds, inherited } = loaded;
    let (profile, off) = take_out(profile);
    let mut resolver = Resolver {
        profile: &profile,
        off,
        origins: Origins::new(tree, inherited.removes()),
        errors: Vec::new(),
        images: BTreeSet::new(),
        incomplete: BTreeSet::new(),
    };
    let stack = Stack {
        inherited_hosts: resolver.inherited_hosts(&kinds),
        removed_hosts: inherited.hosts(),
        removes_edge: inherited.removes_edge(),
        inherited_stores: resolver.inherited_stores(&kinds),
        ..resolver.stack(name)
    };
    let Resolver { origins, mut errors, incomplete, .. } = resolver;
    if errors.is_empty() {
        return Ok(Stack { origins, ..stack });
    }
    // What one of them lacks, or seems to lack, may be what the other service has that it is to be like.
    errors.retain(|error| !(["contradiction", "misplaced-key"].contains(&error.code) && incomplete.iter().any(|name| error.message.contains(name.as_str()))));
    origins.once(&mut errors);
    errors = inherited.explain(errors, &|path| origins.list(path));
    diagnostics::sort(&mut errors);
    Err(errors)
}

/// Settings of targets that are about the edge; the first about its TLS.
const EDGE_SETTINGS: [&str; 9] = [
    "targets.compose.https_port",
    "targets.compose.http_port",
    "targets.compose.address",
    "targets.nginx",
    "targets.kubernetes.edge_addresses",
    "targets.kubernetes.edge_namespace",
    "targets.kubernetes.gateway",
    "targets.kubernetes.ingress_class",
    "targets.kubernetes.ingress_controller",
];

/// What is known while a Stack is being made.
pub(super) struct Resolver<'a> {
    pub profile: &'a Profile,
    /// What `enabled: false` has taken out of it.
    pub off: SwitchedOff,
    pub origins: Origins,
    pub errors: Vec<Diagnostic>,
    /// Images of others that were met.
    images: BTreeSet<String>,
    /// Names in backticks of services without an image, which were looked at for all else that is wrong in them.
    pub incomplete: BTreeSet<String>,
}

impl Resolver<'_> {
    fn stack(&mut self, name: &str) -> Stack {
        let profile = self.profile;
        let mut book = Book::default();
        let mut backing_services = self.backing_services(&mut book);
        let services = self.services(&backing_services, &mut book);
        self.connections(&mut backing_services, &services);
        Self::bound_workers(&services, &backing_services, &mut book);
        let backups = self.backups(&backing_services);
        let volumes = self.volumes(&services, &backing_services);
        let edge = self.edge(&services, &volumes);
        let parameters = self.parameters(&services, &mut book);
        let secrets = self.secrets(book, &parameters);
        let unused = [self.unused(&secrets), self.unused_stores(&services, &backing_services), self.unused_settings()].concat();
        let logs = self.logs();
        let deployment = self.deployment(name);
        let targets = self.targets(edge.as_ref(), &deployment);
        let output_dir =
            self.or(&["output", "dir"], profile.output.dir.as_ref().map(ToString::to_string), format!("deploy/{name}"), "deploy/ and the profile's name");
        self.digests();
        let waivers = self.waivers();
        let (unmanaged, patches, snippets) = (self.unmanaged(), self.patches(), self.snippets());
        self.not_empty();
        self.acme_fits();
        Stack {
            profile: name.to_owned(),
            project: profile.project.name.clone(),
            deployment,
            environment: profile.environment.kind,
            services,
            backing_services,
            backups,
            volumes,
            edge,
            secrets,
            parameters,
            logs,
            targets,
            output_dir,
            generator: profile.generator.clone(),
            unmanaged,
            patches,
            snippets,
            templates: profile.templates.clone(),
            root: PathBuf::new(),
            file: PathBuf::new(),
            waivers,
            unused,
            inherited_hosts: Vec::new(),
            removed_hosts: Vec::new(),
            removes_edge: false,
            inherited_stores: Vec::new(),
            origins: self.origins.clone(),
        }
    }

    fn waivers(&self) -> Vec<Waiver> {
        let waiver = |(name, waiver): (&EntryName, &crate::profile::model::Waiver)| Waiver {
            at: KeyPath::of(&["waivers", name.as_str()]),
            rule: waiver.rule.clone(),
            path: waiver.path.as_ref().map(KeyPathText::path).unwrap_or_default(),
            until: waiver.until,
        };
        self.profile.waivers.iter().map(waiver).collect()
    }

    /// Hosts that are written in a profile of another environment.
    fn inherited_hosts(&self, kinds: &BTreeMap<SourceId, EnvironmentKind>) -> Vec<(String, EnvironmentKind)> {
        let hosts = self.profile.edge.iter().flat_map(|edge| edge.hosts.keys());
        let inherited = hosts.filter_map(|host| {
            let place = self.origins.key_place(&KeyPath::of(&["edge", "hosts", host.as_str()]));
            kinds.get(&place.source).filter(|kind| **kind != self.profile.environment.kind).map(|kind| (host.to_string(), *kind))
        });
        inherited.collect()
    }

    fn inherited_stores(&self, kinds: &BTreeMap<SourceId, EnvironmentKind>) -> Vec<(KeyPath, EnvironmentKind)> {
        let other = |path: &KeyPath| {
            let source = self.origins.place(path).source;
            kinds.get(&source).copied().filter(|kind| *kind != self.profile.environment.kind && self.origins.is_written(path))
        };
        let inherited = self.profile.backing_services.keys().filter_map(|name| {
            let root = KeyPath::of(&["backing_services", name.as_str()]);
            let kind = other(&root.key("host"))?;
            let database = root.key("database");
            let is_same = !self.origins.is_written(&database) || other(&database).is_some();
            is_same.then(|| (root.key("host"), kind))
        });
        inherited.collect()
    }

    /// Secrets that nobody reads, blocks of variables that nobody has, and plans of backups that nothing follows.
    fn unused(&self, secrets: &[super::Secret]) -> Vec<(KeyPath, &'static str)> {
        let profile = self.profile;
        let read = |name: &str| secrets.iter().any(|secret| secret.name == name);
        let services = || profile.services.values().chain(self.off.services.values());
        let groups = profile.env_groups.keys().filter(|group| !services().any(|service| service.env_from.contains(group)));
        let unread = profile.secrets.keys().filter(|name| !read(name.as_str()) && !self.off.reads(name.as_str()));
        let wants = |plan: &ServiceName| {
            let of = |store: &BackingService| matches!(store, BackingService::Postgres(postgres) if postgres.backup.as_ref() == Some(plan));
            profile.backing_services.values().chain(self.off.stores.values()).any(of)
        };
        let plans = profile.backups.keys().filter(|plan| !wants(plan));
        let secrets = unread.map(|name| (KeyPath::of(&["secrets", name.as_str()]), "no service reads it"));
        let groups = groups.map(|group| (KeyPath::of(&["env_groups", group.as_str()]), "no service has it in `env_from`"));
        secrets.chain(groups).chain(plans.map(|plan| (KeyPath::of(&["backups", plan.as_str()]), "no backing service has it as its `backup`"))).collect()
    }

    /// Backing services that nobody reaches.
    fn unused_stores(&self, services: &[super::Service], stores: &[super::BackingService]) -> Vec<(KeyPath, &'static str)> {
        // What is switched off may be what uses them.
        if !self.off.is_empty() {
            return Vec::new();
        }
        let containers = stores.iter().filter_map(|store| store.kind.container());
        let wanted = services.iter().flat_map(|service| &service.depends_on).chain(containers.flat_map(|container| &container.depends_on));
        let wanted: Vec<&ServiceName> = wanted.map(|dependency| &dependency.name).collect();
        // An address that is typed is a mistake of its own.
        let values = ["services.*.env.*", "env_groups.*.*"].iter().flat_map(|form| self.origins.written(form));
        let typed: Vec<&str> = values.filter_map(|path| self.origins.text(&path)).collect();
        let is_used = |store: &super::BackingService| {
            let name = store.name.as_str();
            wanted.contains(&&store.name) || store.published().next().is_some() || typed.iter().any(|text| text.contains(name))
        };
        let unused = stores.iter().filter(|store| !is_used(store));
        unused.map(|store| (KeyPath::of(&["backing_services", store.name.as_str()]), "no service has its address, or depends on it")).collect()
    }

    /// Settings of targets that are about an edge, or about its TLS, where there is none.
    fn unused_settings(&self) -> Vec<(KeyPath, &'static str)> {
        let edge = self.profile.edge.as_ref();
        let (forms, reason): (&[&str], _) = match edge {
            None => (&EDGE_SETTINGS, "there is no `edge`"),
            Some(edge) if !super::TlsKind::of(&edge.tls).ends_here() => (&EDGE_SETTINGS[..1], "TLS ends in front of the edge"),
            Some(_) => (&[], ""),
        };
        let builds = self.profile.services.values().chain(self.off.services.values()).any(|service| service.build.is_some());
        let docker = (self.profile.targets.docker.is_some() && !builds).then(|| (KeyPath::of(&["targets", "docker"]), "no service has a `build`"));
        // On one host that is an error: Compose itself would build it.
        let targets = &self.profile.targets;
        let is_built_nowhere = targets.kubernetes.is_some() && targets.compose.is_none() && targets.docker.is_none();
        let built =
            self.profile.services.iter().filter(|(_, service)| is_built_nowhere && service.build.as_ref().is_some_and(|build| build.dockerfile.is_none()));
        let builds = built.map(|(name, _)| (KeyPath::of(&["services", name.as_str(), "build"]), "`targets` has no `docker`, which renders its Dockerfile"));
        let settings = forms.iter().flat_map(|form| self.origins.written(form)).map(|path| (path, reason));
        settings.chain(docker).chain(builds).collect()
    }

    fn not_empty(&mut self) {
        if self.profile.services.is_empty() {
            self.error(
                "missing-key",
                &KeyPath::of(&["services"]),
                "the profile has no service".into(),
                "nothing to deploy",
                "add `services: {web: {kind: web, image: {name: example/web, tag: \"1.0.0\"}, port: 8000}}`",
            );
        }
        for name in self.profile.services.keys() {
            if self.profile.backing_services.contains_key(name) {
                let first = self.origins.key_place(&KeyPath::of(&["services", name.as_str()]));
                let path = KeyPath::of(&["backing_services", name.as_str()]);
                let place = self.origins.key_place(&path);
                let error = Diagnostic::error("name-clash", format!("`{name}` is a service and a backing service")).at(path).label(place, "this one");
                self.errors.push(error.related(first, "and this one").help("names are host names: rename one of them"));
            }
        }
        if self.profile.edge.is_some() {
            let name = ServiceName::parse(crate::stack::EDGE_NAME)
                .ok()
                .filter(|name| self.profile.services.contains_key(name) || self.profile.backing_services.contains_key(name));
            if let Some(name) = name {
                let section = if self.profile.services.contains_key(&name) { "services" } else { "backing_services" };
                let path = KeyPath::of(&[section, name.as_str()]);
                self.error("name-clash", &path, format!("`{name}` is the edge's own name"), "this name", "rename it, or remove `edge`");
            }
        }
    }

    /// Two profiles of a project may share a host or a cluster: each has a name of its own there.
    fn deployment(&self, profile: &str) -> ProjectName {
        let project = &self.profile.project.name;
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let suffix: String = profile.chars().map(plain).take(24).collect();
        let suffix = suffix.trim_matches('-');
        if profile == EnvironmentKind::Production.as_str() || suffix.is_empty() {
            return project.clone();
        }
        let start: String = project.as_str().chars().take(39 - suffix.len()).collect();
        ProjectName::parse(&format!("{}-{suffix}", start.trim_end_matches('-'))).unwrap_or_else(|_| project.clone())
    }

    fn targets(&mut self, edge: Option<&Edge>, deployment: &ProjectName) -> Targets {
        let targets = &self.profile.targets;
        let builds =
            self.profile.services.iter().find(|(_, service)| service.build.as_ref().is_some_and(|build| build.dockerfile.is_none())).map(|(name, _)| name);
        if let (Some(name), true, None) = (builds, targets.compose.is_some(), &targets.docker) {
            let message = format!("`{name}` is built, but Dockerfiles are no target here");
            self.error("missing-key", &KeyPath::of(&["targets"]), message, "missing here", "add `docker: {}`, or remove the service's `build`");
        }
        if self.profile.edge.is_some() && targets.compose.is_some() && targets.nginx.is_none() {
            let message = "the edge on Compose is nginx, which is no target here".to_owned();
            self.error("missing-key", &KeyPath::of(&["targets"]), message, "missing here", "add `nginx: {}`, or remove `edge` or `compose`");
        }
        Targets {
            docker: targets.docker.is_some(),
            dotenv: targets.dotenv.is_some(),
            scripts: targets.scripts.is_some(),
            compose: targets.compose.as_ref().map(|compose| ComposeTarget {
                address: self.or_as(&KeyPath::of(&["targets", "compose", "address"]), compose.address.map(Some), None, "all", "the edge is for everybody"),
                http_port: self.or(&["targets", "compose", "http_port"], compose.http_port, Port::known(defaults::HTTP_PORT), "HTTP's port"),
                https_port: self.or(&["targets", "compose", "https_port"], compose.https_port, Port::known(defaults::HTTPS_PORT), "HTTPS' port"),
            }),
            nginx: targets.nginx.as_ref().map(|nginx| self.nginx(nginx, edge)),
            kubernetes: targets.kubernetes.as_ref().map(|kubernetes| self.kubernetes(kubernetes, deployment)),
        }
    }

    /// An image of others, with its digest where the profile has it.
    pub fn pinned(&mut self, reference: String) -> String {
        let digest = self.profile.digests.iter().find(|(known, _)| known.as_str() == reference).map(|(_, digest)| digest);
        let pinned = digest.map_or_else(|| reference.clone(), |digest| format!("{reference}@{digest}"));
        self.images.insert(reference);
        pinned
    }

    /// A digest that pins nothing is a mistake: the image goes on being pulled by its tag.
    fn digests(&mut self) {
        let profile = self.profile;
        // One of what is switched off pins nothing for now.
        if !self.off.is_empty() {
            return;
        }
        for image in profile.digests.keys().filter(|image| !self.images.contains(image.as_str())).collect::<Vec<_>>() {
            let path = KeyPath::of(&["digests", image.as_str()]);
            let images = self.images.clone();
            // What is built and pushed for this deployment has a tag of its own for each release.
            let (name, tag) = image.as_str().rsplit_once(':').unwrap_or((image.as_str(), ""));
            let own = profile.services.iter().find(|(_, service)| service.image.as_ref().is_some_and(|image| image.name.as_str() == name));
            if let Some((service, image)) = own.and_then(|(service, written)| Some((service, written.image.as_ref()?))) {
                let message = format!("`{name}` is the image of `{service}`: digests are for images of others");
                let other = if image.tag.as_str() == tag { String::new() } else { format!(" is `{}` here, not `{tag}`, and", image.tag) };
                let help = format!("remove it: what `{service}` runs is said by the tag of its `image`, which{other} is never moved");
                let error = Diagnostic::error("unknown-reference", message).label(self.origins.key_place(&path), "one of the deployment's own");
                self.errors.push(error.at(path).help(help));
                continue;
            }
            self.unknown("image of others", image.as_str(), &path, images.iter().map(String::as_str));
        }
    }

    fn nginx(&mut self, written: &crate::profile::model::NginxTarget, edge: Option<&Edge>) -> NginxTarget {
        let version = self.version(&["targets", "nginx", "version"], written.version.as_ref(), defaults::NGINX_VERSION, defaults::NGINX_OLDEST);
        let routes = edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes).map(|route| route.limits.body_size.whole_mib());
        let bodies = routes.max().unwrap_or(0) * defaults::EDGE_BODIES;
        let scratch = defaults::EDGE_SCRATCH.max(Size::mib(bodies));
        let memory = Size::mib(defaults::EDGE_MEMORY.whole_mib() + scratch.whole_mib());
        let stop_grace = Duration::seconds(defaults::EDGE_SHUTDOWN.whole_seconds() + 5);
        let path = |key| ["targets", "nginx", key];
        NginxTarget {
            image: self.pinned(format!("nginx:{version}-alpine")),
            user: self.or(&path("user"), None, known::<UserId>(defaults::EDGE_USER), "the image's own user"),
            workers: self.or(&path("workers"), None, defaults::EDGE_WORKERS, "one serves while the other is busy with TLS"),
            resources: self.resources(&["targets", "nginx"], &Resources::default(), defaults::EDGE_CPU, memory),
            scratch: self.or(&path("scratch"), None, scratch, "room for the largest bodies"),
            pids: self.or(&path("pids"), None, defaults::EDGE_PIDS, "it starts a few processes only"),
            shutdown: self.or(&path("shutdown"), None, defaults::EDGE_SHUTDOWN, "longer than most requests"),
            // It stops when its last request has ended, at most after that time.
            stop_grace: self.or(&path("stop_grace"), None, stop_grace, "its last request, and a moment"),
            acme: self.acme(),
            version,
        }
    }

    pub(super) fn version(&mut self, path: &[&str], given: Option<&Version>, default: &str, oldest: [u32; 3]) -> Version {
        let version = self.or(path, given.cloned(), known::<Version>(default), "proven with it");
        if version.numbers() < oldest {
            let [major, minor, _] = oldest;
            let message = format!("version {version} is older than {major}.{minor}, the oldest that is supported");
            self.error("unsupported-version", &KeyPath::of(path), message, "too old", &format!("use \"{major}.{minor}\" or newer"));
        }
        version
    }

    /// What is written, or the default, which is noted.
    pub fn or<T: Display>(&mut self, path: &[&str], given: Option<T>, default: T, reason: &'static str) -> T {
        let shown = default.to_string();
        self.or_as(&KeyPath::of(path), given, default, &shown, reason)
    }

    /// What is written, or the default, which is noted as `shown`.
    pub fn or_as<T>(&mut self, path: &KeyPath, given: Option<T>, default: T, shown: &str, reason: &'static str) -> T {
        given.unwrap_or_else(|| {
            self.origins.default_taken(path.clone(), shown.to_owned(), reason);
            default
        })
    }

    /// Notes a mistake at a path.
    pub fn error(&mut self, code: &'static str, path: &KeyPath, message: String, label: &str, help: &str) {
        let place = self.origins.place(path);
        self.errors.push(Diagnostic::error(code, message).at(path.clone()).label(place, label).help(help));
    }

    /// Notes those of some keys of a map that are written and have no use there.
    pub fn misplaced(&mut self, at: &KeyPath, keys: &[&str], message: impl Fn(&str) -> String, help: &str) {
        for key in keys {
            let path = at.key(*key);
            if self.origins.is_written(&path) {
                self.error("misplaced-key", &path, message(key), "not used", help);
            }
        }
    }

    /// Shows with the contradiction that was noted last the keys beside it that are its other side, as far as they are written: they may
    /// stand in another file.
    pub fn against(&mut self, others: &[&str]) {
        let Some(error) = self.errors.last_mut() else { return };
        let (Some(path), Some(place)) = (error.path.clone(), error.primary.as_ref().map(|label| label.span)) else { return };
        for other in others.iter().map(|key| path.parent().key(*key)).filter(|other| self.origins.is_written(other)) {
            let key = self.origins.key_place(&other);
            // A file is read before those that it extends.
            if key.source != place.source {
                let inherited = if key.source > place.source { &other } else { &path };
                error.help = error.help.take().map(|help| format!("{help}; what is inherited goes by `remove: [{inherited}]`"));
            }
            error.related.push(diagnostics::Label { span: key, text: "the other side".into() });
        }
    }

    /// Shows with the mistake that was noted last where another side of it is written; nothing where that is a default.
    pub fn also(&mut self, other: &KeyPath, text: &str) {
        let key = self.origins.key_place(other);
        if let Some(error) = self.errors.last_mut().filter(|_| self.origins.is_written(other)) {
            error.related.push(diagnostics::Label { span: key, text: text.into() });
        }
    }

    /// Notes a reference to something that is not there.
    pub fn unknown<'n>(&mut self, what: &str, name: &str, path: &KeyPath, known: impl IntoIterator<Item = &'n str>) {
        let known: Vec<&str> = known.into_iter().collect();
        // It is there, and so wrong that nothing could be made of it: that is said where it stands.
        if known.contains(&name) {
            return;
        }
        let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let help = match nearest(name, known.iter().copied()) {
            _ if self.off.has(name) => format!("`{name}`{SWITCHED_OFF}: remove this line, too, or switch it on"),
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("the profile has no {what} yet"),
            None => format!("there are: {list}"),
        };
        let place = self.origins.reference_place(path, name);
        self.errors
            .push(Diagnostic::error("unknown-reference", format!("there is no {what} `{name}`")).at(path.clone()).label(place, "refers to nothing").help(help));
    }

    /// Notes a use of a secret that is not declared: one of the two names may be misspelt, the declaration's as well.
    pub fn unknown_secret(&mut self, name: &SecretName, path: &KeyPath) {
        let profile = self.profile;
        let error = Diagnostic::error("unknown-reference", format!("there is no secret `{name}`"))
            .at(path.clone())
            .label(self.origins.reference_place(path, name.as_str()), "refers to nothing");
        let is_used = |secret: &str| {
            let at_services = profile.services.values().any(|service| service.secrets.keys().any(|used| used.as_str() == secret));
            at_services
                || profile.services.values().filter_map(|service| service.build.as_ref()).any(|build| build.secrets.iter().any(|used| used.as_str() == secret))
        };
        self.errors.push(match nearest(name.as_str(), profile.secrets.keys().map(SecretName::as_str)) {
            Some(near) if is_used(near) => error.help(format!("did you mean `{near}`?")),
            Some(near) => {
                let declared = self.origins.key_place(&KeyPath::of(&["secrets", near]));
                error.related(declared, "nothing uses this one").help(format!("give both one name, `{name}` or `{near}`"))
            }
            None if profile.secrets.is_empty() => error.help(format!(
                "declare it: `secrets: {{{name}: {{}}}}`, a section of the profile; `{{source: external}}` in place of `{{}}` if somebody else gives it to you"
            )),
            None => error.help(format!(
                "declare it as `{name}: {{}}` in the profile's section `secrets`, or with `{{source: external}}` if somebody else gives it to you"
            )),
        });
    }
}

/// A value that is known to be valid when infragen is built.
pub(super) fn known<T: Scalar>(text: &str) -> T {
    T::parse(text).unwrap_or_else(|reason| panic!("internal error: the default `{text}`: {reason}"))
}
