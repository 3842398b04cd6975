//! The services of the user's own.

use super::super::{docker, scripts};
use super::text::Text;
use super::view::{BuildView, DependencyView, HealthView, SecretMount, ServiceView, Variable};
use crate::stack::{Command, Condition, Delivery, EnvValue, EnvironmentKind, SECRETS_FOLDER, Service, ServiceKind, Stack};

pub fn view(stack: &Stack, service: &Service) -> ServiceView {
    let development = stack.environment == EnvironmentKind::Development;
    let test = docker::health_test(service);
    let image = Text::literal(&format!("{}:", service.image.name)).then(&Text::variable(&service.tag_variable(), service.image.tag.as_str()));
    let builds = service.image_owner == service.name;
    let source = service.build.as_ref().filter(|_| development).map(|build| format!("{}:/srv", from_here(stack, build.context.as_str())));
    let own = service.volumes.iter().map(|mount| format!("{}:{}{}", mount.volume, mount.path, if mount.read_only { ":ro" } else { "" }));
    let volumes = source.into_iter().chain(own).map(|volume| Text::literal(&volume)).collect();
    ServiceView {
        name: service.name.to_string(),
        about: about(stack, service),
        image: Some(image),
        build: service.build.as_ref().filter(|_| builds).map(|build| {
            let dockerfile = docker::file_name(stack, service);
            let context = from_here(stack, build.context.as_str());
            BuildView {
                dockerfile: Text::literal(&from_context(stack, build.context.as_str(), &dockerfile)),
                context: Text::literal(&context),
                version: Text::variable(&service.tag_variable(), service.image.tag.as_str()),
                secrets: build.secrets.clone(),
            }
        }),
        depends_on: service
            .depends_on
            .iter()
            .filter(|dependency| stack.managed(&dependency.name).is_none())
            .map(|dependency| DependencyView { name: dependency.name.to_string(), condition: condition(dependency.condition) })
            .collect(),
        volumes,
        secrets: file_secrets(stack, service),
        environment: service.env.iter().map(|var| variable(stack, &var.name, &var.value)).collect(),
        ports: service
            .publish
            .iter()
            .map(|publish| port(&publish.address, publish.port.get(), service.port.map(crate::values::Port::get).unwrap_or_default()))
            .collect(),
        networks: networks(stack, service),
        command: command(service, builds),
        healthcheck_disabled: test.is_none() && inherits_check(stack, service, builds),
        healthcheck: test.map(|test| HealthView {
            about: None,
            test: std::iter::once("CMD").chain(test.iter().map(String::as_str)).map(Text::literal).collect(),
            interval: service.health.interval.to_string(),
            timeout: service.health.timeout.to_string(),
            retries: service.health.retries,
            start_period: service.health.start_period.to_string(),
        }),
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
        profiles: if service.kind == ServiceKind::Cron { vec!["cron"] } else { Vec::new() },
        ..ServiceView::default()
    }
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

/// The image has, or may have, a HEALTHCHECK that asks a port of the server that it is made for.
fn inherits_check(stack: &Stack, service: &Service, owns_image: bool) -> bool {
    match service.build {
        Some(_) => stack.service(&service.image_owner).and_then(docker::health_test).is_some(),
        None => !owns_image || matches!(service.command, Command::Args(_)),
    }
}

/// The image's own command is the owner's.
fn command(service: &Service, builds: bool) -> Option<Vec<Text>> {
    match &service.command {
        Command::Args(args) if !builds || service.build.is_none() => Some(args.iter().map(|arg| Text::literal(arg)).collect()),
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

pub fn port(address: &impl std::fmt::Display, outside: u16, inside: u16) -> Text {
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
    if service.publish.is_some() || !service.egress.is_empty() || service.reports_errors || !managed.is_empty() {
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
    let up: String = if context == "." { String::new() } else { context.split('/').map(|_| "../").collect() };
    format!("{up}{}/{file}", stack.output_dir)
}
