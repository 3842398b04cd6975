//! Services.

use super::alike;
use super::environment::Book;
use super::resolve::{Resolver, known};
use super::{
    BackingService, Build, Command, Condition, Dependency, EnvironmentKind, Image, Interface, PackageManager, Publish, Resources, Service, ServiceKind, Tmpfs,
    defaults,
};
use crate::key_path::KeyPath;
use crate::profile::model::{self, Run};
use crate::profile::variants;
use crate::values::{Cpu, Duration, EnvName, IpAddress, SecretName, ServiceName, Size, UserId, Version, Workers};
use std::net::{IpAddr, Ipv4Addr};

impl Resolver<'_> {
    pub(super) fn services(&mut self, backing: &[BackingService], book: &mut Book) -> Vec<Service> {
        let profile = self.profile;
        let mut services: Vec<Service> = Vec::new();
        for (name, written) in profile.services.iter() {
            self.is_enabled("services", name, written.enabled);
            let inherited = self.inherit(name, written);
            if let Some(service) = self.service(name, &inherited, backing, book) {
                services.push(service);
            }
        }
        self.owners(&mut services);
        Self::workers(&mut services, book);
        self.sentry(&mut services, book);
        self.healthy_dependencies(&services);
        self.cycles(&services);
        self.host_ports(&services, backing);
        self.aliases(&services);
        services
    }

    /// The service with what `like` gives it.
    fn inherit(&mut self, name: &ServiceName, written: &model::Service) -> model::Service {
        let mut service = written.clone();
        let at = |key| KeyPath::of(&["services", name.as_str(), key]);
        let Some(like) = &written.like else {
            if !written.without.is_empty() {
                self.error("misplaced-key", &at("without"), format!("`{name}` is like no other service"), "nothing to leave out", "remove it, or add `like`");
            }
            return service;
        };
        let path = KeyPath::of(&["services", name.as_str(), "like"]);
        // What is switched off is still there to be like.
        let Some(other) = self.profile.services.get(like).or(self.off.services.get(like)).cloned() else {
            self.unknown("service", like.as_str(), &path, self.profile.services.keys().filter(|other| *other != name).map(ServiceName::as_str));
            return self.stand_in(name, service);
        };
        if other.like.is_some() || like == name {
            self.error("like-chain", &path, format!("`{like}` is itself like another service"), "one step only", "name the service that has the image");
            if like != name {
                self.also(&KeyPath::of(&["services", like.as_str(), "like"]), "the other step");
            }
            return self.stand_in(name, service);
        }
        if service.image.is_none() && other.image.is_none() {
            self.no_image(name);
            // That is where it is missing.
            self.also(&KeyPath::of(&["services", like.as_str()]), alike::ORIGINAL);
            service = self.stand_in(name, service);
        }
        service.image = service.image.or_else(|| other.image.clone());
        service.build = service.build.or_else(|| other.build.clone());
        service.user = service.user.or_else(|| other.user.clone());
        for (index, left_out) in written.without.iter().enumerate() {
            let name = left_out.as_str();
            let profile = self.profile;
            let of_groups = || other.env_from.iter().filter_map(|group| profile.env_groups.get(group)).flat_map(|group| group.keys());
            if !other.env.contains_key(left_out) && !of_groups().any(|known| known == left_out) && !other.secrets.keys().any(|secret| secret.as_str() == name) {
                let names = other.env.keys().chain(of_groups()).map(EnvName::as_str).chain(other.secrets.keys().map(SecretName::as_str));
                self.unknown(&format!("variable or secret of `{like}`"), name, &at("without").index(index), names);
            }
        }
        let stays = |name: &str| !written.without.iter().any(|left_out| left_out.as_str() == name);
        // The shared block comes first, so that what the service adds stands below it.
        service.env = other.env.filtered(|name| stays(name.as_str())).overlaid(&written.env);
        service.secrets = other.secrets.filtered(|name| stays(name.as_str())).overlaid(&written.secrets);
        service.files = other.files.overlaid(&written.files);
        service.pools = other.pools.overlaid(&written.pools);
        if written.env_from.is_empty() && !other.env_from.is_empty() && self.origins.is_written(&at("env_from")) {
            let message = format!("`env_from` of `{name}` is empty: what it lists is added to that of `{like}`");
            self.error("contradiction", &at("env_from"), message, "adds nothing", "remove it; `without: [NAME]` leaves variables of its groups out");
        }
        let own = service.env_from.drain(..).filter(|group| !other.env_from.contains(group)).collect::<Vec<_>>();
        service.env_from = other.env_from.iter().cloned().chain(own).collect();
        service
    }

    fn no_image(&mut self, name: &ServiceName) {
        self.error(
            "missing-key",
            &KeyPath::of(&["services", name.as_str()]),
            format!("`services.{name}` needs the key `image`"),
            "missing here",
            "add `image: {name: example/web, tag: \"1.0.0\"}`, or `like: NAME` of a service that has one",
        );
    }

    /// The service with some image, so that all else that is wrong in it is found in the same run: that it has none is said elsewhere.
    fn stand_in(&mut self, name: &ServiceName, service: model::Service) -> model::Service {
        self.incomplete.insert(format!("`{name}`"));
        let image = service.image.or_else(|| Some(model::Image { name: known("example/web"), tag: known("1.0.0") }));
        model::Service { image, ..service }
    }

    fn service(&mut self, name: &ServiceName, written: &model::Service, backing: &[BackingService], book: &mut Book) -> Option<Service> {
        let root = ["services", name.as_str()];
        let at = |key| KeyPath::of(&root).key(key);
        let path = |key| [root[0], root[1], key];
        let stand_in;
        let (written, image) = if let Some(image) = &written.image {
            (written, image)
        } else {
            self.no_image(name);
            stand_in = self.stand_in(name, written.clone());
            (&stand_in, stand_in.image.as_ref()?)
        };
        let mut image = Image { name: image.name.clone(), tag: image.tag.clone() };
        if written.build.is_some() && self.profile.environment.kind == EnvironmentKind::Development {
            // Never under the name of a release: production would run it, and a push would publish it.
            image.tag = known(defaults::DEVELOPMENT_TAG);
        }
        let own_build = written.build.as_ref().and_then(|build| self.own_build(name, build, book));
        let rendered = written.build.as_ref().filter(|_| own_build.is_none());
        let build = rendered.and_then(|build| self.build(name, build, book));
        let command = self.command(name, written, build.as_ref());
        // Said once, whatever else asks for the port.
        let is_missing = written.port.is_none();
        let asks = written.health.needs_port();
        let add = format!("add `port: {}`, the port that the process listens on", written.named_port().unwrap_or(8000));
        if is_missing && written.kind == ServiceKind::Web {
            self.error("missing-key", &KeyPath::of(&root), format!("`services.{name}` is a web service and needs the key `port`"), "missing here", &add);
        }
        let askers = [("publish", written.publish.is_some()), ("health", asks), ("run", written.run.is_some() && written.command.is_none())];
        if let Some((key, _)) = askers.into_iter().find(|(_, present)| *present && is_missing && written.kind == ServiceKind::Worker) {
            self.error("missing-key", &at(key), format!("`services.{name}.{key}` needs the service's port"), "asks a port", &add);
        }
        match (written.kind, &written.schedule) {
            (ServiceKind::Cron, None) => {
                self.error(
                    "missing-key",
                    &KeyPath::of(&root),
                    format!("`services.{name}` is a cron service and needs the key `schedule`"),
                    "missing here",
                    "add `schedule: \"0 3 * * *\"`",
                );
            }
            (ServiceKind::Cron, _) => {}
            (ServiceKind::Web | ServiceKind::Worker | ServiceKind::Release, _) => {
                let help = "remove it, or make the service `kind: cron`";
                self.misplaced(&KeyPath::of(&root), variants::OF_A_SCHEDULE, |_| "only a cron service has a schedule".into(), help);
            }
        }
        if matches!(written.kind, ServiceKind::Web | ServiceKind::Worker) {
            self.misplaced(&KeyPath::of(&root), variants::OF_WHAT_ENDS, |_| "what runs on has no deadline".into(), "remove it");
        }
        if written.singleton == Some(true) && written.replicas.is_some_and(|replicas| replicas > 1) {
            self.error("contradiction", &at("replicas"), format!("`{name}` is a singleton"), "more than one", "remove it, or `singleton`");
            self.against(&["singleton"]);
        }
        // What it has of another by `like` does no harm.
        let ends = matches!(written.kind, ServiceKind::Cron | ServiceKind::Release);
        for key in variants::OF_WHAT_RUNS_ON.iter().filter(|_| ends) {
            let (message, help) = match *key {
                "replicas" | "autoscale" => ("a process that runs once has no replicas".to_owned(), "remove it"),
                key => {
                    (format!("`services.{name}.{key}` is for what keeps running"), "remove it: what ends by itself answers nobody and never runs twice at once")
                }
            };
            self.misplaced(&KeyPath::of(&root), &[*key], |_| message.clone(), help);
        }
        let depends_on = self.dependencies(name, written, backing);
        let pools = self.pools(name, written, &depends_on, backing);
        let env = self.environment(name, written, backing, &pools, book);
        let (grace, why) = match &command {
            Command::Gunicorn { graceful_timeout, .. } => {
                let grace = Duration::seconds(graceful_timeout.whole_seconds() + defaults::STOP_GRACE.whole_seconds());
                (grace, "10 s, and the graceful timeout before it")
            }
            Command::Image | Command::Args(_) | Command::Uvicorn { .. } if written.kind == ServiceKind::Worker => {
                (defaults::WORKER_STOP_GRACE, "it ends the task that it has begun")
            }
            Command::Image | Command::Args(_) | Command::Uvicorn { .. } => (defaults::STOP_GRACE, "requests are short"),
        };
        let user = match (&written.user, &build) {
            (Some(user), _) => Some(user.clone()),
            (None, Some(_)) => Some(self.or(&path("user"), None, known::<UserId>(defaults::USER), "nobody else has this number")),
            (None, None) => None,
        };
        let tmp = (!written.tmpfs.keys().any(|path| path.as_str() == "/tmp")).then(|| {
            let size =
                self.largest_body(name).map_or(defaults::TMP_SIZE, |body| defaults::TMP_SIZE.max(Size::mib(body.whole_mib() * defaults::SERVICE_BODIES)));
            let size = self.or(&[root[0], root[1], "tmpfs", "/tmp"], None, size, "every program may want to write there, and uploads wait there");
            Tmpfs { path: "/tmp".into(), size }
        });
        let written_tmpfs = written.tmpfs.iter().map(|(path, size)| Tmpfs { path: path.to_string(), size: *size });
        let mut tmpfs: Vec<Tmpfs> = tmp.into_iter().chain(written_tmpfs).collect();
        // Whoever writes a default down changes no file.
        tmpfs.sort_by(|a, b| a.path.cmp(&b.path));
        let volumes = self.mounts(name, build.is_some(), &tmpfs);
        let taken: Vec<&str> = tmpfs.iter().map(|tmpfs| tmpfs.path.as_str()).chain(volumes.iter().map(|mount| mount.path.as_str())).collect();
        let files = self.files(name, &written.files, &taken);
        let process = self.process(name, written, build.as_ref(), &tmpfs);
        let ports = self.named_ports("services", name, &written.ports, written.port, "http");
        let health = self.health(&root, &written.health, written.port);
        if matches!(written.kind, ServiceKind::Cron | ServiceKind::Release) {
            // Nobody asks what ends by itself.
            self.origins.no_default(&at("health"));
        }
        let mut service = Service {
            process,
            escape: self.escape(name, written),
            ports,
            aliases: written.aliases.clone(),
            singleton: match written.kind {
                ServiceKind::Web | ServiceKind::Worker => {
                    self.or(&path("singleton"), written.singleton, false, "most services may be there twice for a moment")
                }
                ServiceKind::Cron | ServiceKind::Release => true,
            },
            volumes,
            files,
            name: name.clone(),
            kind: written.kind,
            image_owner: name.clone(),
            image,
            build,
            own_build,
            port: written.port,
            publish: self.publish(&root, written.publish.as_ref()),
            health,
            replicas: match written.kind {
                ServiceKind::Web | ServiceKind::Worker => match &written.autoscale {
                    Some(autoscale) => autoscale.min,
                    None => self.or(&path("replicas"), written.replicas, 1, "one instance is the least"),
                },
                ServiceKind::Cron | ServiceKind::Release => 1,
            },
            autoscale: self.autoscale(name, written),
            resources: self.resources(&root, &written.resources, defaults::SERVICE_CPU, defaults::SERVICE_MEMORY),
            env,
            depends_on,
            pools,
            egress: written.egress.clone(),
            reports_errors: false,
            schedule: written.schedule.clone(),
            deadline: match written.kind {
                ServiceKind::Web | ServiceKind::Worker => None,
                ServiceKind::Cron => Some(self.or(&path("deadline"), written.deadline, defaults::CRON_DEADLINE, "one that hangs holds back all that follow")),
                ServiceKind::Release => Some(self.or(&path("deadline"), written.deadline, defaults::RELEASE_DEADLINE, "a deployment waits for it")),
            },
            user,
            tmpfs,
            pids: defaults::SERVICE_PIDS,
            stop_grace: self.or(&path("stop_grace"), written.stop_grace, grace, why),
            command,
        };
        let pids = service.pids.max(service.processes().saturating_mul(defaults::PROCESS_PIDS));
        service.pids = self.or(&path("pids"), None, pids, "no fork bomb, and room for the threads of every process");
        Some(service)
    }

    /// The largest body that a route to a service lets through.
    fn largest_body(&self, name: &ServiceName) -> Option<Size> {
        let edge = self.profile.edge.as_ref()?;
        let routes = edge.hosts.values().flat_map(|host| host.routes.values()).filter(|route| route.service.as_ref() == Some(name));
        routes.map(|route| route.body_size.or(edge.body_size).unwrap_or(defaults::BODY_SIZE)).max()
    }

    fn build(&mut self, name: &ServiceName, written: &model::Build, book: &mut Book) -> Option<Build> {
        let (runtime, version) = self.language(name, written)?;
        // What `like` brought is another service's build: defaults are taken there.
        let own = self.profile.services.get(name);
        let is_own = own.is_some_and(|service| service.build.is_some());
        let place = own.and_then(|service| service.like.as_ref()).filter(|_| !is_own).unwrap_or(name).clone();
        let at = |key| KeyPath::of(&["services", place.as_str(), "build", key]);
        let path = |key| ["services", place.as_str(), "build", key];
        let manager = self.or_as(&at("package_manager"), written.package_manager, PackageManager::Pip, "pip", "every Python has it");
        let tried = match manager {
            PackageManager::Pip => None,
            PackageManager::Uv => Some(defaults::UV_VERSION),
            PackageManager::Poetry => Some(defaults::POETRY_VERSION),
        };
        if tried.is_none() && written.package_manager_version.is_some() {
            let message = "pip comes with Python: its version is not chosen here".to_owned();
            self.error("misplaced-key", &at("package_manager_version"), message, "not used", "remove it, or use `uv` or `poetry`");
        }
        let given = written.package_manager_version.clone();
        let manager_version = tried.map(|tried| self.or(&path("package_manager_version"), given, known::<Version>(tried), "tried with it"));
        if is_own {
            self.build_secrets(name, written, book);
        }
        Some(Build {
            runtime,
            version: version.clone(),
            // A named Debian release: another one has other system packages.
            base: self.pinned(format!("python:{version}-slim-bookworm")),
            package_manager: manager,
            package_manager_version: manager_version,
            context: self.or(&path("context"), written.context.clone(), known("."), "the project's root"),
            include: written.include.clone(),
            system_packages: written.system_packages.clone(),
            build_packages: written.build_packages.clone(),
            args: written.args.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            secrets: written.secrets.iter().map(ToString::to_string).collect(),
        })
    }

    fn command(&mut self, name: &ServiceName, written: &model::Service, build: Option<&Build>) -> Command {
        let at = |key| KeyPath::of(&["services", name.as_str(), key]);
        let path = |key| ["services", name.as_str(), "run", key];
        match (&written.run, &written.command) {
            (Some(_), Some(_)) => {
                self.error("contradiction", &at("command"), format!("`services.{name}` has `run` and `command`"), "only one can run", "remove one of them");
                self.against(&["run"]);
                Command::Image
            }
            (None, Some(args)) => Command::Args(args.iter().map(ToString::to_string).collect()),
            (None, None) => {
                if build.is_some() {
                    let message = format!("`services.{name}` is built here and needs `run` or `command`");
                    self.error(
                        "missing-key",
                        &KeyPath::of(&["services", name.as_str()]),
                        message,
                        "nothing says what it runs",
                        "add `run: {server: gunicorn, app: \"src.app:app\"}` or `command: [python, -m, src.worker]`",
                    );
                }
                Command::Image
            }
            (Some(run), None) if written.like.is_none() && written.build.as_ref().is_none_or(|build| build.dockerfile.is_some()) => {
                let (app, is_wsgi) = match run {
                    Run::Gunicorn(run) => (&run.app, run.interface == Some(Interface::Wsgi)),
                    Run::Uvicorn(run) => (&run.app, false),
                };
                let port = written.port.map_or(8000, crate::values::Port::get);
                let list = match (run, is_wsgi) {
                    (Run::Uvicorn(_), _) => format!("[uvicorn, \"{app}\", --host, 0.0.0.0, --port, \"{port}\"]"),
                    (Run::Gunicorn(_), true) => {
                        format!("[gunicorn, \"{app}\", --bind, \"0.0.0.0:{port}\", --worker-class, gthread, --workers, \"2\", --threads, \"4\"]")
                    }
                    (Run::Gunicorn(_), false) => {
                        format!("[gunicorn, \"{app}\", --bind, \"0.0.0.0:{port}\", --worker-class, uvicorn_worker.UvicornWorker, --workers, \"2\"]")
                    }
                };
                let message =
                    format!("`services.{name}.run` is part of an image that infragen builds (`build: {{runtime: python}}`), and this one is another's");
                self.error("misplaced-key", &at("run"), message, "nothing starts it", &format!("write `command: {list}` in its place"));
                Command::Image
            }
            // That the port is missing is said already.
            (Some(_), None) if written.port.is_none() => Command::Image,
            (Some(Run::Gunicorn(run)), None) => Command::Gunicorn {
                app: run.app.clone(),
                interface: self.or(&path("interface"), run.interface, Interface::Asgi, "what FastAPI and its like are"),
                workers: self.or(&path("workers"), run.workers, Workers::Auto, "follows the container's CPU limit"),
                timeout: self.or(&path("timeout"), run.timeout, defaults::GUNICORN_TIMEOUT, "longer than any sound request"),
                graceful_timeout: self.or(&path("graceful_timeout"), run.graceful_timeout, defaults::GUNICORN_GRACEFUL_TIMEOUT, "Gunicorn's own default"),
            },
            (Some(Run::Uvicorn(run)), None) => {
                let development = self.profile.environment.kind == EnvironmentKind::Development;
                Command::Uvicorn { app: run.app.clone(), reload: self.or(&path("reload"), run.reload, development, "source files change in development only") }
            }
        }
    }

    fn dependencies(&mut self, name: &ServiceName, written: &model::Service, backing: &[BackingService]) -> Vec<Dependency> {
        let profile = self.profile;
        let mut list: Vec<Dependency> = Vec::new();
        for (other, condition) in written.depends_on.iter() {
            let path = KeyPath::of(&["services", name.as_str(), "depends_on", other.as_str()]);
            let service = profile.services.get(other);
            if other == name {
                self.error("dependency-cycle", &path, format!("`{name}` depends on itself"), "never starts", "remove this line");
                continue;
            }
            if service.is_none() && !backing.iter().any(|store| store.name == *other) {
                let names = profile.services.keys().chain(profile.backing_services.keys()).filter(|known| *known != name);
                self.unknown("service or backing service", other.as_str(), &path, names.map(ServiceName::as_str));
                continue;
            }
            if service.is_some_and(|service| service.kind == ServiceKind::Cron) {
                let message = format!("`{other}` runs by a schedule: nothing can wait for it");
                self.error("contradiction", &path, message, "never starts", "remove this line, or make it a service of `kind: release`");
                continue;
            }
            let ends = service.is_some_and(|service| service.kind == ServiceKind::Release);
            if let Some(store) = backing.iter().find(|store| store.name == *other) {
                self.condition(store, *condition, &path);
            } else if ends != (*condition == Condition::Completed) {
                let (message, help) = if ends {
                    (format!("`{other}` ends: it can be `completed` only"), "write `completed`".to_owned())
                } else {
                    let help =
                        format!("make `{other}` a service of `kind: release`, if it ends by itself; else write `started`, or `healthy` where it has a check");
                    (format!("`{other}` never ends: it cannot be `completed`"), help)
                };
                self.error("contradiction", &path, message, "never true", &help);
            }
            list.push(Dependency { name: other.clone(), condition: *condition });
        }
        let groups = written.env_from.iter().filter_map(|group| profile.env_groups.get(group));
        for value in written.env.values().chain(groups.flat_map(|group| group.values())) {
            let model::EnvValue::From { from, .. } = value else { continue };
            let owner = from.as_str().split('.').next().unwrap_or_default();
            let Some(store) = backing.iter().find(|store| store.name.as_str() == owner) else { continue };
            if !list.iter().any(|known| known.name == store.name) {
                let path = KeyPath::of(&["services", name.as_str(), "depends_on", owner]);
                list.push(self.implied(store, path));
            }
        }
        // Their order means nothing, and what is written and what follows from the environment is mixed here.
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }

    pub(super) fn publish(&mut self, root: &[&str], written: Option<&model::Publish>) -> Option<Publish> {
        let written = written?;
        let loopback = IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let path = KeyPath::of(root).key("publish").key("address");
        let address = self.or_as(&path, written.address, loopback, &loopback.to_string(), "open to this host only");
        Some(Publish { address, port: written.port })
    }

    pub(super) fn resources(&mut self, root: &[&str; 2], written: &model::Resources, cpu: Cpu, memory: Size) -> Resources {
        let path = |set, key| [root[0], root[1], "resources", set, key];
        let limit_cpu = self.or(&path("limits", "cpu"), written.limits.cpu, cpu, "enough to start");
        let limit_memory = self.or(&path("limits", "memory"), written.limits.memory, memory, "enough to start");
        let tenth = Cpu::millis((limit_cpu.as_millis() / 10).max(10));
        let request_cpu = self.or(&path("requests", "cpu"), written.requests.cpu, tenth.min(limit_cpu), "a tenth of the limit");
        let request_memory = self.or(&path("requests", "memory"), written.requests.memory, limit_memory, "the limit, so that memory is never promised twice");
        for (key, above) in [("cpu", request_cpu > limit_cpu), ("memory", request_memory > limit_memory)] {
            if above {
                self.error(
                    "contradiction",
                    &KeyPath::of(&path("requests", key)),
                    format!("`{}` requests more {key} than its limit", root[1]),
                    "more than the limit",
                    "lower the request or raise the limit",
                );
                self.also(&KeyPath::of(&path("limits", key)), "the limit");
            }
        }
        Resources { request_cpu, request_memory, limit_cpu, limit_memory }
    }
}
