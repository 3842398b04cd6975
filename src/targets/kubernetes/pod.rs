//! What runs: the pod of a service.

use super::files::{self, Mounted};
use super::{Head, config, names};
use crate::stack::{
    Command, Delivery, Health, Mount, NamedPort, PodEscape, Protocol, Resources, SHARED_MEMORY, Secret, Service, ServiceKind, Stack, Tmpfs, VolumeSource,
};
use crate::values::{Duration, Size, UserId};
use serde::Serialize;

/// How long a pod that is going away still serves: proxies learn of it at the same time as it does.
const DRAIN_SECONDS: u64 = 10;
/// Time between two checks of a process that starts. They are cheap, and a roll-out waits for each pod.
const STARTUP_PERIOD: Duration = Duration::seconds(2);

/// The pod of a service.
#[derive(Serialize)]
pub struct Pod<'a> {
    /// From the wish to stop to the kill.
    grace: u64,
    /// How long it serves on at first.
    drain: Option<u64>,
    /// How long it has then.
    stop: u64,
    restart: Option<&'static str>,
    /// `None` leaves it to the image.
    user: Option<Ids>,
    /// One of several.
    spread: bool,
    image: String,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    hostname: Option<&'a str>,
    port: Option<u16>,
    /// Besides that one.
    ports: Vec<PortView<'a>>,
    config: Option<&'a str>,
    env: Vec<SecretVariable<'a>>,
    /// Chosen when the deployment is made: on top of the defaults in `config`.
    parameters: Vec<SecretVariable<'a>>,
    probes: Vec<Probe>,
    resources: Quantities,
    secrets: Option<SecretFiles<'a>>,
    scratch: Vec<Scratch<'a>>,
    volumes: Vec<VolumeMount<'a>>,
    files: Vec<Mounted<'a>>,
    /// Keys of Kubernetes' own.
    more: Option<&'a serde_json::Map<String, serde_json::Value>>,
    container: Option<&'a serde_json::Map<String, serde_json::Value>>,
    annotations: Vec<Annotation<'a>>,
}

#[derive(Serialize)]
pub struct Annotation<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
pub struct PortView<'a> {
    name: &'a str,
    port: u16,
    udp: bool,
}

#[derive(Serialize)]
struct VolumeMount<'a> {
    /// Name in the pod.
    name: String,
    claim: &'a str,
    path: &'a str,
    read_only: bool,
}

#[derive(Serialize)]
pub struct Ids {
    pub user: u32,
    pub group: Option<u32>,
    /// Group of what is mounted.
    pub files: u32,
}

#[derive(Serialize)]
pub struct SecretVariable<'a> {
    pub name: &'a str,
    pub secret: &'a str,
    pub optional: bool,
}

#[derive(Serialize)]
pub struct Probe {
    name: &'static str,
    about: &'static str,
    #[serde(flatten)]
    check: Check,
    period: u64,
    timeout: u64,
    failures: u64,
}

/// A path, a command or gRPC; with none of them, a connection.
#[derive(Clone, Default, Serialize)]
pub struct Check {
    path: Option<String>,
    headers: Vec<Header>,
    command: Option<Vec<String>>,
    grpc: bool,
    /// The name that is asked for.
    service: Option<String>,
    port: Option<AskedPort>,
}

#[derive(Clone, Serialize)]
struct Header {
    name: String,
    value: String,
}

/// A port by its name in the pod, or one that has none.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum AskedPort {
    Name(&'static str),
    Number(u16),
}

/// CPU and memory in Kubernetes' words.
#[derive(Serialize)]
pub struct Quantities {
    request_cpu: String,
    request_memory: String,
    limit_cpu: String,
    limit_memory: String,
}

/// As they are written.
pub fn annotations(pods: &PodEscape) -> Vec<Annotation<'_>> {
    pods.annotations.iter().map(|(name, value)| Annotation { name, value }).collect()
}

#[derive(Serialize)]
pub struct SecretFiles<'a> {
    name: &'a str,
    mode: u16,
    octal: &'static str,
    required: Vec<&'a str>,
    optional: Vec<&'a str>,
}

#[derive(Serialize)]
pub struct Scratch<'a> {
    pub name: String,
    pub path: &'a str,
    pub size: String,
}

impl Quantities {
    /// As the Stack has them.
    pub fn new(resources: &Resources) -> Self {
        Self {
            request_cpu: resources.request_cpu.kubernetes(),
            request_memory: resources.request_memory.kubernetes(),
            limit_cpu: resources.limit_cpu.kubernetes(),
            limit_memory: resources.limit_memory.kubernetes(),
        }
    }
}

/// The pod of a service.
pub fn view<'a>(stack: &'a Stack, head: &'a Head<'a>, configs: &'a [config::ConfigMap<'a>], service: &'a Service) -> Pod<'a> {
    let lives = matches!(service.kind, ServiceKind::Web | ServiceKind::Worker);
    let port = service.port.filter(|_| lives).map(crate::values::Port::get);
    let ports: Vec<PortView> = service.ports.iter().filter(|_| lives).map(self::port).collect();
    let drain = drain_seconds(service);
    let user = service.user.as_ref().map(user);
    let stop = service.stop_grace.whole_seconds();
    Pod {
        grace: grace_seconds(service),
        drain,
        stop,
        restart: (!lives).then_some("Never"),
        spread: service.most_replicas() > 1,
        image: service.image.reference(),
        command: service.process.entrypoint.as_ref().map(|args| args.iter().map(|arg| names::literal(arg)).collect()),
        args: args(service),
        hostname: service.process.hostname.as_ref().map(crate::values::ServiceName::as_str),
        port,
        ports,
        config: config::of(configs, service).map(|map| map.name.as_str()),
        env: service
            .secrets(stack, Delivery::Env)
            .map(|(var, secret)| SecretVariable { name: &var.name, secret: &secret.name, optional: !secret.required })
            .collect(),
        parameters: service
            .parameters(stack)
            .map(|(var, parameter)| SecretVariable { name: &var.name, secret: &parameter.name, optional: !parameter.required })
            .collect(),
        probes: service_probes(service),
        resources: Quantities::new(&service.resources),
        secrets: secret_files(&head.secret_name, service.secrets(stack, Delivery::File).map(|(_, secret)| secret), user.is_some()),
        scratch: scratch(&service.tmpfs, service.process.shm_size),
        volumes: service.volumes.iter().filter_map(|mount| volume(stack, mount)).collect(),
        files: files::mounted(stack, &service.files),
        more: Some(&service.escape.pods.pod).filter(|map| !map.is_empty()),
        container: Some(&service.escape.container).filter(|map| !map.is_empty()),
        annotations: annotations(&service.escape.pods),
        user,
    }
}

/// Time in which a pod that goes still serves; `None` if nobody asks it anything.
fn drain_seconds(service: &Service) -> Option<u64> {
    let lives = matches!(service.kind, ServiceKind::Web | ServiceKind::Worker);
    (lives && (service.port.is_some() || !service.ports.is_empty())).then_some(DRAIN_SECONDS)
}

/// Time that a pod has to end.
pub fn grace_seconds(service: &Service) -> u64 {
    drain_seconds(service).unwrap_or(0) + service.stop_grace.whole_seconds()
}

/// A further port.
pub fn port(port: &NamedPort) -> PortView<'_> {
    PortView { name: port.name.as_str(), port: port.port.get(), udp: port.protocol == Protocol::Udp }
}

/// A claim; a folder of a host is on one host only.
fn volume<'a>(stack: &'a Stack, mount: &'a Mount) -> Option<VolumeMount<'a>> {
    let claim = match &stack.volumes.iter().find(|volume| volume.name == mount.volume)?.source {
        VolumeSource::Own(_) => mount.volume.as_str(),
        VolumeSource::External(name) => name.as_str(),
        VolumeSource::Host(_) => return None,
    };
    // Apart from the names of all other volumes of the pod.
    Some(VolumeMount { name: format!("volume-{}", mount.volume), claim, path: mount.path.as_str(), read_only: mount.read_only })
}

/// Its own command, where the image's is another's. The image's entry point stays, as it does on Compose.
fn args(service: &Service) -> Option<Vec<String>> {
    match &service.command {
        Command::Args(args) if service.image_owner != service.name || service.build.is_none() || service.process.entrypoint.is_some() => {
            Some(args.iter().map(|arg| names::literal(arg)).collect())
        }
        Command::Args(_) | Command::Image | Command::Gunicorn { .. } | Command::Uvicorn { .. } => None,
    }
}

/// User and groups.
pub fn user(id: &UserId) -> Ids {
    let (user, group) = id.ids();
    Ids { user, group, files: group.unwrap_or(user) }
}

/// True if the kubelet finds out whether its pods work.
pub fn has_probes(service: &Service) -> bool {
    !service_probes(service).is_empty()
}

fn service_probes(service: &Service) -> Vec<Probe> {
    let lives = matches!(service.kind, ServiceKind::Web | ServiceKind::Worker);
    if lives { probes(&service.health, service.port.map(crate::values::Port::get), "http") } else { Vec::new() }
}

/// What the kubelet asks; `name` is that of the port.
pub fn probes(health: &Health, port: Option<u16>, name: &'static str) -> Vec<Probe> {
    let other = health.port.map(crate::values::Port::get);
    let asked = other.map(AskedPort::Number).or(port.map(|_| AskedPort::Name(name)));
    let headers: Vec<Header> = health.headers.iter().map(|(name, value)| Header { name: name.clone(), value: value.clone() }).collect();
    let asks = |path: &crate::values::HttpPath| Check { path: Some(path.to_string()), headers: headers.clone(), port: asked.clone(), ..Check::default() };
    // Only a number is possible there.
    let by_grpc = health.grpc.as_ref().map(|service| Check {
        grpc: true,
        service: service.as_ref().map(ToString::to_string),
        port: other.or(port).map(AskedPort::Number),
        ..Check::default()
    });
    let main = port.filter(|_| !health.tcp).map(|_| AskedPort::Name(name));
    let connects = main.or(asked.clone()).map(|port| Check { port: Some(port), ..Check::default() });
    let run = |args: &Vec<String>| Check { command: Some(args.iter().map(|arg| names::literal(arg)).collect()), ..Check::default() };
    let runs = health.command.as_ref().map(run);
    // A command may look at everything the service needs, as `ready` does: it never decides over life and death.
    let alive = health.live.as_ref().map(asks).or(health.live_command.as_ref().map(run)).or_else(|| connects.clone());
    let works = health.ready.as_ref().map(asks).or(by_grpc).or(runs);
    let period = health.interval.whole_seconds();
    let probe = |name, about, check| Probe { name, about, check, period, timeout: health.timeout.whole_seconds(), failures: health.retries.into() };
    let mut probes = Vec::new();
    if let Some(check) = alive.clone() {
        // A command starts a program each time.
        let period = if check.command.is_some() { health.interval } else { health.interval.min(STARTUP_PERIOD) };
        let period = period.whole_seconds();
        let failures = health.start_period.whole_seconds().div_ceil(period);
        probes.push(Probe { period, failures, ..probe("startupProbe", "Time to start; the other probes wait for it.", check) });
    }
    let about = match (&works, port) {
        (Some(_), Some(_)) => "With what it needs: a pod that cannot work gets no requests, and a roll-out waits for it.",
        (Some(_), None) => "A roll-out waits for it.",
        (None, _) => "Nothing says more than that it lives.",
    };
    if let Some(check) = works.or_else(|| alive.clone()) {
        probes.push(probe("readinessProbe", about, check));
    }
    if let Some(check) = alive {
        probes.push(probe("livenessProbe", "The process alone: an outage of the database must not restart every pod.", check));
    }
    probes
}

/// The files of the secrets that are delivered so, each once.
pub fn secret_files<'a>(name: &'a str, secrets: impl Iterator<Item = &'a Secret>, has_group: bool) -> Option<SecretFiles<'a>> {
    let (mut required, mut optional) = (Vec::new(), Vec::new());
    for secret in secrets {
        let list = if secret.required { &mut required } else { &mut optional };
        if !list.contains(&secret.name.as_str()) {
            list.push(&secret.name);
        }
    }
    // Files belong to root and to the pod's group; a user that is not known has no group that is.
    let (mode, octal) = if has_group { (0o440, "0440") } else { (0o444, "0444") };
    (!required.is_empty() || !optional.is_empty()).then_some(SecretFiles { name, mode, octal, required, optional })
}

/// Folders in memory.
pub fn scratch(tmpfs: &[Tmpfs], shared: Option<Size>) -> Vec<Scratch<'_>> {
    let name = |at: usize| if at == 0 { "tmp".to_owned() } else { format!("tmp-{}", at + 1) };
    let shared = shared.map(|size| Scratch { name: "shared-memory".to_owned(), path: SHARED_MEMORY, size: size.kubernetes() });
    let folders = tmpfs.iter().enumerate().map(|(at, tmpfs)| Scratch { name: name(at), path: &tmpfs.path, size: tmpfs.size.kubernetes() });
    folders.chain(shared).collect()
}
