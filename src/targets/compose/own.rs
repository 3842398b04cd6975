//! The services of the user's own.

use super::super::{docker, scripts};
use super::files;
use super::text::Text;
use super::view::{BuildView, DependencyView, HealthView, LabelView, SecretMount, ServiceView, UlimitView, Variable};
use crate::stack::{Command, Condition, Delivery, EnvValue, EnvironmentKind, Mount, Protocol, Publish, SECRETS_FOLDER, Service, ServiceKind, Stack};

pub fn view(stack: &Stack, service: &Service) -> ServiceView {
    let development = stack.environment == EnvironmentKind::Development;
    let test = docker::health_test(service);
    let image = Text::literal(&format!("{}:", service.image.name)).then(&Text::variable(&service.tag_variable(), service.image.tag.as_str()));
    let builds = service.image_owner == service.name;
    let inherits = inherits_check(stack, service);
    let replaced = inherits && lives(service) && service.build.is_some();
    let source = service.build.as_ref().filter(|_| development).map(|build| format!("{}:/srv", from_here(stack, build.context.as_str())));
    let is_volume = |mount: &&Mount| stack.volumes.iter().any(|volume| volume.name == mount.volume && volume.host().is_none());
    let own = service.volumes.iter().filter(is_volume).map(|mount| format!("{}:{}{}", mount.volume, mount.path, if mount.read_only { ":ro" } else { "" }));
    let volumes = source.into_iter().chain(own).map(|volume| Text::literal(&volume)).collect();
    ServiceView {
        name: service.name.to_string(),
        about: about(stack, service),
        image: Some(image),
        build: build(stack, service).filter(|_| builds),
        depends_on: service
            .depends_on
            .iter()
            .filter(|dependency| stack.managed(&dependency.name).is_none())
            .map(|dependency| DependencyView { name: dependency.name.to_string(), condition: condition(dependency.condition) })
            .collect(),
        volumes,
        binds: files::binds(stack, service),
        files_label: files::label(&service.files),
        secrets: file_secrets(stack, service),
        environment: service.env.iter().map(|var| variable(stack, &var.name, &var.value)).collect(),
        ports: service.published().map(|(publish, inside, protocol)| further_port(publish, inside, protocol)).collect(),
        aliases: service.aliases.iter().map(ToString::to_string).collect(),
        hostname: service.process.hostname.as_ref().map(ToString::to_string),
        init: service.process.init,
        entrypoint: service.process.entrypoint.as_ref().map(|args| args.iter().map(|arg| Text::literal(arg)).collect()),
        shm_size: service.process.shm_size.map(crate::values::Size::lower_case),
        stop_signal: service.process.stop_signal.map(crate::stack::StopSignal::as_str),
        ulimits: service.process.ulimits.iter().map(|limit| UlimitView { name: limit.name.to_string(), soft: limit.soft, hard: limit.hard }).collect(),
        networks: networks(stack, service),
        command: command(service, builds),
        healthcheck_disabled: (inherits && !replaced).then_some(if service.build.is_some() { OF_A_SERVER } else { OF_AN_IMAGE }),
        healthcheck: test.map(|test| check(service, None, &test)).or_else(|| replaced.then(|| check(service, Some(ALWAYS), &["true".to_owned()]))),
        user: service.user.as_ref().map(ToString::to_string),
        restart: (!lives(service)).then_some("no"),
        replicas: (service.replicas > 1).then_some(service.replicas),
        cpus: service.resources.limit_cpu.cores(),
        memory: service.resources.limit_memory.lower_case(),
        pids: service.pids,
        // What a run-once process needs is not worth keeping free for it.
        reserved_cpus: lives(service).then(|| service.resources.request_cpu.cores()),
        reserved_memory: lives(service).then(|| service.resources.request_memory.lower_case()),
        stop_grace_period: lives(service).then(|| service.stop_grace.to_string()),
        read_only: !development,
        tmpfs: if development {
            Vec::new()
        } else {
            service.tmpfs.iter().map(|tmpfs| format!("{}:size={},mode=1777,noexec,nosuid,nodev", tmpfs.path, tmpfs.size.lower_case())).collect()
        },
        labels: service.escape.labels.iter().map(|(name, value)| LabelView { name: name.clone(), value: Text::literal(value) }).collect(),
        more: if service.escape.compose.is_empty() { serde_json::Value::Null } else { Text::literal_in(&service.escape.compose.clone().into()) },
        profiles: if service.kind == ServiceKind::Cron { vec!["cron"] } else { Vec::new() },
        ..ServiceView::default()
    }
}

/// Compose takes a check that is disabled for a mistake, and `up --wait` fails. Debian, which built images are made from, has `true`.
const ALWAYS: &str = "In the place of the image's own check, which asks a port that only its server has. Not disabled: `up --wait` would fail.";

/// Why the check of an image that infragen builds is off.
const OF_A_SERVER: &str = "The image's own check asks a port that only its server has.";
/// Why the check that an image may have is off.
const OF_AN_IMAGE: &str = "The image may have a check of its own, for a server that runs on; this ends.";

fn check(service: &Service, about: Option<&'static str>, test: &[String]) -> HealthView {
    HealthView {
        about,
        test: std::iter::once("CMD").chain(test.iter().map(String::as_str)).map(Text::literal).collect(),
        interval: service.health.interval.to_string(),
        timeout: service.health.timeout.to_string(),
        retries: service.health.retries,
        start_period: service.health.start_period.to_string(),
    }
}

/// How the image is built: by a Dockerfile that is rendered, or by one of the repository.
fn build(stack: &Stack, service: &Service) -> Option<BuildView> {
    if let Some(own) = &service.own_build {
        let dockerfile = format!("{}{}", way_up(own.context.as_str()), own.dockerfile);
        return Some(BuildView {
            dockerfile: Text::literal(&dockerfile),
            context: Text::literal(&from_here(stack, own.context.as_str())),
            target: own.target.as_ref().map(ToString::to_string),
            args: own.args.iter().map(|(name, value)| LabelView { name: name.clone(), value: Text::literal(value) }).collect(),
            secrets: own.secrets.clone(),
        });
    }
    let build = service.build.as_ref()?;
    let dockerfile = docker::file_name(stack, service);
    let version = Text::variable(&service.tag_variable(), service.image.tag.as_str());
    Some(BuildView {
        dockerfile: Text::literal(&from_context(stack, build.context.as_str(), &dockerfile)),
        context: Text::literal(&from_here(stack, build.context.as_str())),
        target: None,
        args: vec![LabelView { name: "VERSION".into(), value: version }],
        secrets: build.secrets.clone(),
    })
}

fn lives(service: &Service) -> bool {
    matches!(service.kind, ServiceKind::Web | ServiceKind::Worker)
}

fn about(stack: &Stack, service: &Service) -> Vec<String> {
    match (service.kind, &service.schedule) {
        (ServiceKind::Release, _) => vec!["Before each roll-out. What it changes must leave the release that still runs working.".into()],
        (ServiceKind::Cron, Some(schedule)) => {
            let by = if scripts::has_timers(stack) {
                format!("{} install", scripts::TIMERS_PATH)
            } else {
                format!("{} run --rm {}", super::tool(stack), service.name)
            };
            vec![format!("At \"{schedule}\" (UTC), from a timer of the host:"), format!("  {by}")]
        }
        _ => Vec::new(),
    }
}

/// The image has, or may have, a HEALTHCHECK that asks a port of the server that it is made for, and the service is another one.
fn inherits_check(stack: &Stack, service: &Service) -> bool {
    if docker::health_test(service).is_some() {
        return false;
    }
    match service.build {
        Some(_) => stack.service(&service.image_owner).and_then(docker::health_test).is_some(),
        None => service.image_owner != service.name || (service.kind != ServiceKind::Web && matches!(service.command, Command::Args(_))),
    }
}

/// Compose can wait for all that keeps running: it takes a check that is disabled for a mistake. What may not be in an image cannot stand
/// in its place.
pub fn can_wait(stack: &Stack) -> bool {
    !stack.services.iter().any(|service| lives(service) && service.build.is_none() && inherits_check(stack, service))
}

/// The image's own command is the owner's.
fn command(service: &Service, builds: bool) -> Option<Vec<Text>> {
    match &service.command {
        // An entry point of its own drops the image's command.
        Command::Args(args) if !builds || service.build.is_none() || service.process.entrypoint.is_some() => {
            Some(args.iter().map(|arg| Text::literal(arg)).collect())
        }
        Command::Args(_) | Command::Image | Command::Gunicorn { .. } | Command::Uvicorn { .. } => None,
    }
}

pub fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "service_started",
        Condition::Healthy => "service_healthy",
        Condition::Completed => "service_completed_successfully",
    }
}

pub fn further_port(publish: &Publish, inside: u16, protocol: Protocol) -> Text {
    let port = port(&publish.address, publish.port.get(), inside);
    if protocol == Protocol::Udp { port.then(&Text::literal("/udp")) } else { port }
}

fn port(address: &impl std::fmt::Display, outside: u16, inside: u16) -> Text {
    Text::literal(&format!("{address}:{outside}:{inside}"))
}

/// An environment variable, as Compose passes it on.
pub fn variable(stack: &Stack, name: &str, value: &EnvValue) -> Variable {
    match value {
        EnvValue::Literal(text) => Variable { name: name.to_owned(), value: Text::literal(text) },
        EnvValue::Secret { name: secret, deliver: Delivery::File } => Variable { name: format!("{name}_FILE"), value: Text::literal(&secret_path(secret)) },
        EnvValue::Secret { name: secret, deliver: Delivery::Env } => {
            let required = stack.secret(secret).is_none_or(|secret| secret.required);
            let value = if required { Text::required(secret, &stack.env_file()) } else { Text::variable(secret, "") };
            Variable { name: name.to_owned(), value }
        }
        EnvValue::Parameter(parameter) => {
            let (required, default) = stack.parameter(parameter).map_or((false, ""), |known| (known.required, known.default.as_str()));
            let value = if required { Text::required(parameter, &stack.env_file()) } else { Text::variable(parameter, default) };
            Variable { name: name.to_owned(), value }
        }
    }
}

/// The file of a secret in a container.
pub fn secret_path(name: &str) -> String {
    format!("{SECRETS_FOLDER}/{name}")
}

/// The secrets of a service, as Compose names them.
pub fn secrets(stack: &Stack, reader: &str, names: &[&str]) -> Vec<SecretMount> {
    let mut mounts: Vec<SecretMount> =
        names.iter().map(|name| SecretMount { source: super::secret_key(stack, reader, name), name: (*name).to_owned() }).collect();
    mounts.sort();
    mounts.dedup();
    mounts
}

fn file_secrets(stack: &Stack, service: &Service) -> Vec<SecretMount> {
    let names: Vec<&str> = service.secrets(stack, Delivery::File).map(|(_, secret)| secret.name.as_str()).collect();
    secrets(stack, service.name.as_str(), &names)
}

/// At most one of them leads outside (`outside`, or `edge` for nginx), so that there is no choice of a default route: which one
/// wins would depend on the engine's version, and published ports with it.
fn networks(stack: &Stack, service: &Service) -> Vec<&'static str> {
    let mut networks = Vec::new();
    if stack.routed().any(|routed| routed.name == service.name) {
        networks.push("frontend");
    }
    let depended_on = stack.services.iter().any(|other| other.depends_on.iter().any(|dependency| dependency.name == service.name));
    let (managed, others): (Vec<_>, Vec<_>) = service.depends_on.iter().partition(|dependency| stack.managed(&dependency.name).is_some());
    if !others.is_empty() || depended_on {
        networks.push("backend");
    }
    // A service that is on internal networks alone publishes nothing.
    if service.published().next().is_some() || !service.egress.is_empty() || service.reports_errors || !managed.is_empty() {
        networks.push("outside");
    }
    if networks.is_empty() {
        networks.push("backend");
    }
    networks
}

/// A path of the project, seen from the output folder.
pub fn from_here(stack: &Stack, path: &str) -> String {
    if path == "." { stack.way_to_root() } else { format!("{}/{path}", stack.way_to_root()) }
}

/// A file of the output folder, seen from a build context.
fn from_context(stack: &Stack, context: &str, file: &str) -> String {
    format!("{}{}/{file}", way_up(context), stack.output_dir)
}

/// The way from a build context up to the project's root.
fn way_up(context: &str) -> String {
    if context == "." { String::new() } else { context.split('/').map(|_| "../").collect() }
}
