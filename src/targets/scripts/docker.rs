//! The part of the deploy script for `docker`, and `scripts/compose.sh`.

use super::super::{compose, made_by, nginx};
use super::deploy::script;
use crate::render::{Artifact, Template};
use crate::stack::{
    ACME_NAME, Backing, BackingService, CERTIFICATE, EDGE_NAME, Edge, FileSource, HTTP_PORT, HTTPS_PORT, Health, Host, NginxTarget, Protocol, Route,
    RouteAction, Service, ServiceKind, SourceReader, Stack, TlsKind,
};
use crate::template;
use serde::Serialize;

pub(super) static COMPOSE: Template = template!("scripts/compose.sh", Shell);
pub(super) static DOCKER: Template = template!("scripts/deploy/docker.sh", Shell);
pub(super) static CHECKS: Template = template!("scripts/deploy/docker_checks.sh", Shell);
pub(super) static EDGE: Template = template!("scripts/deploy/docker_edge.sh", Shell);
pub(super) static ROLL: Template = template!("scripts/deploy/docker_roll.sh", Shell);

/// Options of this mode, for the help of the script.
pub(super) const OPTIONS: &[&str] = &[
    "docker: --build builds images whose source is here, --pull pulls all; without either, images are built where their source is, and pulled if missing.",
    "docker: --tag is for the images of this stack's own, those that the profile builds if it builds any; without it, the env file says, or the profile where it says something new; otherwise it stays as deployed.",
];

/// Free MiB in the engine's folder before a deployment: an image of Python with its layers, and what a build leaves.
const ENGINE_ROOM: u64 = 1024;
/// Free MiB in the output folder: secrets, notes, logs.
const ROOM: u64 = 16;

/// What `docker` prints of a container, an image or itself. Go's templates look like ours: they are values here. `.Id` makes docker read its raw
/// answer, where a container without a health check has no `Health`: hence `index`.
const FORMATS: Formats = Formats {
    id: "{{.Id}}",
    state: r#"{{.Id}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}} {{.State.Status}} {{with index .State "Health"}}{{.Status}}{{else}}none{{end}} {{.RestartCount}} {{.State.ExitCode}}"#,
    networks: "{{range .NetworkSettings.Networks}}{{.NetworkID}}={{.IPAddress}} {{end}}",
    engine: "{{.NCPU}} {{.MemTotal}} {{.DockerRootDir}}",
    listed: r"{{.Names}}\t{{.Image}}\t{{.Status}}",
    service: r#"{{.Label "com.docker.compose.service"}}"#,
    started: "{{.Id}} {{.State.StartedAt}}",
};

#[derive(Serialize)]
struct Formats {
    id: &'static str,
    state: &'static str,
    networks: &'static str,
    engine: &'static str,
    listed: &'static str,
    service: &'static str,
    started: &'static str,
}

#[derive(Serialize)]
struct DockerView {
    made_by: String,
    file: &'static str,
    has_env_file: &'static str,
    services: String,
    releases: String,
    postgres: Vec<PostgresView>,
    stores: String,
    known: String,
    published: String,
    waits: Vec<WaitView>,
    owners: Vec<OwnerView>,
    images: Vec<ImageView>,
    build_secrets: Vec<BuildSecretView>,
    tagged: String,
    others: Vec<OtherView>,
    ports: Vec<PortView>,
    cpus: Vec<CpuView>,
    /// MiB.
    memory: u64,
    /// MiB.
    engine_room: u64,
    /// MiB.
    room: u64,
    edge: Option<EdgeView>,
    formats: Formats,
    sources: Vec<SourceView>,
    /// Of the env file, but for tags.
    variables: Vec<String>,
}

/// The files of the checkout that one container mounts.
#[derive(Serialize)]
struct SourceView {
    variable: String,
    count: usize,
    /// Seen from the output folder.
    files: Vec<String>,
}

#[derive(Serialize)]
struct WaitView {
    name: String,
    replicas: u32,
    /// Seconds.
    within: u64,
    /// Seconds.
    settle: u64,
}

#[derive(Serialize)]
struct OwnerView {
    name: String,
    owner: String,
}

#[derive(Serialize)]
struct BuildSecretView {
    owner: String,
    name: String,
}

#[derive(Serialize)]
struct ImageView {
    owner: String,
    variable: String,
    name: String,
    tag: String,
    /// `-` for an image that is not built.
    context: String,
}

#[derive(Serialize)]
struct OtherView {
    name: String,
    image: String,
}

#[derive(Serialize)]
struct PostgresView {
    name: String,
    major: u32,
    user: String,
    database: String,
    /// The variable with the password of that user.
    password: String,
}

#[derive(Serialize)]
struct PortView {
    owner: String,
    address: String,
    /// `-` for a port that the env file does not change.
    variable: &'static str,
    port: u16,
}

#[derive(Serialize)]
struct CpuView {
    name: String,
    millis: u32,
}

#[derive(Serialize)]
struct EdgeView {
    name: &'static str,
    upstreams: Vec<UpstreamView>,
    /// Seconds.
    shutdown: u64,
    scheme: &'static str,
    address: String,
    variable: &'static str,
    port: u16,
    inner: u16,
    /// Seconds.
    timeout: u64,
    certificate: String,
    /// Name of the client that gets certificates; empty if there is none.
    acme: &'static str,
    hosts: String,
    /// Seen from the output folder.
    folders: Vec<String>,
    routes: Vec<RouteView>,
}

#[derive(Serialize)]
struct UpstreamView {
    name: String,
    address: String,
}

#[derive(Serialize)]
struct RouteView {
    host: String,
    path: String,
    expected: &'static str,
}

#[derive(Serialize)]
struct SharedView {
    made_by: String,
}

#[derive(Serialize)]
struct ComposeView {
    made_by: String,
    deploy: String,
    env_file: Option<String>,
    file: &'static str,
    tags: Vec<String>,
    /// Of the env file, but for tags.
    variables: Vec<String>,
}

pub(super) fn part(stack: &Stack) -> Vec<Artifact> {
    let shared = SharedView { made_by: made_by(stack) };
    vec![
        compose_script(stack),
        Artifact::new("scripts/deploy/docker.sh", &DOCKER, &view(stack)),
        Artifact::new("scripts/deploy/docker_checks.sh", &CHECKS, &shared),
        Artifact::new("scripts/deploy/docker_edge.sh", &EDGE, &shared),
        Artifact::new("scripts/deploy/docker_roll.sh", &ROLL, &shared),
    ]
}

fn compose_script(stack: &Stack) -> Artifact {
    let view = ComposeView {
        made_by: made_by(stack),
        deploy: script("deploy", stack),
        env_file: stack.targets.dotenv.then(|| stack.env_file()),
        file: compose::file_name(stack),
        tags: images(stack).into_iter().map(|image| image.variable).collect(),
        variables: variables(stack),
    };
    Artifact::new("scripts/compose.sh", &COMPOSE, &view).executable()
}

/// True if the old one has to stop before the new one starts.
fn waits_for_its_place(service: &Service) -> bool {
    service.singleton || service.published().next().is_some()
}

fn view(stack: &Stack) -> DockerView {
    let services = in_order(stack);
    let of_kind = |kind: ServiceKind| stack.services.iter().filter(move |service| service.kind == kind);
    let servers: Vec<_> = stack.backing_services.iter().filter_map(|store| Some((store.name.to_string(), store.server.as_ref()?))).collect();
    let edge = stack.edge.as_ref().zip(stack.targets.nginx.as_ref());
    let mut known: Vec<String> = stack.services.iter().map(|service| service.name.to_string()).collect();
    known.extend(servers.iter().map(|(name, _)| name.clone()));
    known.extend(stack.backups.iter().flat_map(|backup| [backup.name.clone(), backup.restore.clone()]));
    let mut others: Vec<OtherView> = servers.iter().map(|(name, server)| OtherView { name: name.clone(), image: server.image.clone() }).collect();
    let mut waits: Vec<WaitView> = services
        .iter()
        .map(|service| WaitView {
            name: service.name.to_string(),
            replicas: service.replicas,
            within: within(&service.health),
            settle: service.health.interval.whole_seconds().max(1),
        })
        .collect();
    let mut cpus: Vec<CpuView> =
        stack.services.iter().map(|service| CpuView { name: service.name.to_string(), millis: service.resources.limit_cpu.as_millis() }).collect();
    cpus.extend(servers.iter().map(|(name, server)| CpuView { name: name.clone(), millis: server.resources.limit_cpu.as_millis() }));
    // Old and new ones of our own, and one of everything else. What has a port of the host, or may never be there twice, stops first.
    let releases = |service: &Service| if waits_for_its_place(service) { 1 } else { 2 };
    let mut memory: u64 = services.iter().map(|service| releases(service) * u64::from(service.replicas) * service.resources.limit_memory.whole_mib()).sum();
    memory += servers.iter().map(|(_, server)| server.resources.limit_memory.whole_mib()).sum::<u64>();
    if let Some((_, nginx)) = edge {
        known.push(EDGE_NAME.to_owned());
        others.push(OtherView { name: EDGE_NAME.to_owned(), image: nginx.image.clone() });
        waits.push(WaitView { name: EDGE_NAME.to_owned(), replicas: 1, within: compose::EDGE_WITHIN, settle: 1 });
        cpus.push(CpuView { name: EDGE_NAME.to_owned(), millis: nginx.resources.limit_cpu.as_millis() });
        memory += nginx.resources.limit_memory.whole_mib();
        if let Some(acme) = &nginx.acme {
            known.push(ACME_NAME.to_owned());
            others.push(OtherView { name: ACME_NAME.to_owned(), image: acme.image.clone() });
            cpus.push(CpuView { name: ACME_NAME.to_owned(), millis: acme.cpu.as_millis() });
            memory += acme.memory.whole_mib();
        }
    }
    let images = images(stack);
    let builds = images.iter().any(|image| image.context != "-");
    DockerView {
        made_by: made_by(stack),
        file: compose::file_name(stack),
        has_env_file: if stack.targets.dotenv { "1" } else { "" },
        services: joined(services.iter().map(|service| service.name.as_str())),
        releases: joined(of_kind(ServiceKind::Release).map(|service| service.name.as_str())),
        postgres: postgres(stack),
        stores: joined(servers.iter().map(|(name, _)| name.as_str())),
        known: joined(known.iter().map(String::as_str)),
        published: joined(services.iter().filter(|service| waits_for_its_place(service)).map(|service| service.name.as_str())),
        waits,
        owners: stack.services.iter().map(|service| OwnerView { name: service.name.to_string(), owner: service.image_owner.to_string() }).collect(),
        tagged: joined(images.iter().filter(|image| !builds || image.context != "-").map(|image| image.owner.as_str())),
        build_secrets: build_secrets(stack),
        images,
        others,
        ports: ports(stack),
        cpus,
        memory,
        engine_room: ENGINE_ROOM,
        room: ROOM,
        edge: edge.map(|(edge, nginx)| edge_view(stack, edge, nginx)),
        formats: FORMATS,
        sources: sources(stack),
        variables: variables(stack),
    }
}

/// What the env file decides, but for tags: the deployment says those.
fn variables(stack: &Stack) -> Vec<String> {
    let tags: Vec<String> = images(stack).into_iter().map(|image| image.variable).collect();
    let names = stack.env_sections().into_iter().flat_map(|(_, list)| list).map(|variable| variable.name().to_owned());
    names.filter(|name| !tags.contains(name)).collect()
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(" ")
}

/// Those that keep running, each behind the ones that it waits for. There are no cycles.
fn in_order(stack: &Stack) -> Vec<&Service> {
    let mut left: Vec<&Service> = stack.services.iter().filter(|service| matches!(service.kind, ServiceKind::Web | ServiceKind::Worker)).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |service: &Service| service.depends_on.iter().any(|dependency| left.iter().any(|other| other.name == dependency.name));
        let next = left.iter().position(|service| !waits(service)).unwrap_or_default();
        order.push(left.remove(next));
    }
    order
}

/// Seconds after which the engine must have made up its mind: the time to start, and then as many checks as it takes to fail.
fn within(health: &Health) -> u64 {
    let check = health.interval.whole_seconds() + health.timeout.whole_seconds();
    health.start_period.whole_seconds() + u64::from(health.retries + 1) * check.max(1)
}

fn images(stack: &Stack) -> Vec<ImageView> {
    let owners = stack.services.iter().filter(|service| service.image_owner == service.name);
    let view = |service: &Service| ImageView {
        owner: service.name.to_string(),
        variable: service.tag_variable(),
        name: service.image.name.to_string(),
        tag: service.image.tag.to_string(),
        context: service.build_context().map_or_else(|| "-".to_owned(), |context| compose::from_here(stack, context.as_str())),
    };
    owners.map(view).collect()
}

/// What builds need, and nothing else does: the env file's check does not ask for it.
fn build_secrets(stack: &Stack) -> Vec<BuildSecretView> {
    let owners = stack.services.iter().filter(|service| service.image_owner == service.name);
    let of = |service: &Service| -> Vec<BuildSecretView> {
        let names = service.build.iter().flat_map(|build| &build.secrets).chain(service.own_build.iter().flat_map(|build| &build.secrets));
        let needed = names.filter(|name| stack.secret(name).is_some_and(|secret| secret.required && secret.build_only));
        needed.map(|name| BuildSecretView { owner: service.name.to_string(), name: name.clone() }).collect()
    };
    owners.flat_map(of).collect()
}

/// Ports of the host that something here listens on.
fn ports(stack: &Stack) -> Vec<PortView> {
    let mut list = Vec::new();
    if let (Some(edge), Some(compose), true) = (&stack.edge, &stack.targets.compose, stack.targets.nginx.is_some()) {
        let address = asked_at(compose.address.as_ref().map(ToString::to_string).as_deref());
        list.push(PortView { owner: EDGE_NAME.to_owned(), address: address.clone(), variable: HTTP_PORT, port: compose.http_port.get() });
        if edge.tls.ends_here() {
            list.push(PortView { owner: EDGE_NAME.to_owned(), address, variable: HTTPS_PORT, port: compose.https_port.get() });
        }
    }
    let tcp =
        |service: &'_ Service| service.published().filter(|(.., protocol)| *protocol == Protocol::Tcp).map(|(publish, ..)| publish.clone()).collect::<Vec<_>>();
    let services = stack.services.iter().flat_map(|service| tcp(service).into_iter().map(|publish| (service.name.to_string(), publish)));
    let stores = stack.backing_services.iter().flat_map(|store| {
        let published = store.published().filter(|(.., protocol)| *protocol == Protocol::Tcp);
        published.map(|(publish, ..)| (store.name.to_string(), publish.clone()))
    });
    list.extend(services.chain(stores).map(|(owner, publish)| PortView {
        owner,
        address: asked_at(Some(publish.address.to_string().as_str())),
        variable: "-",
        port: publish.port.get(),
    }));
    list
}

/// What containers mount from the checkout.
fn sources(stack: &Stack) -> Vec<SourceView> {
    let view = |reader: SourceReader| SourceView {
        variable: reader.variable,
        count: reader.sources.len(),
        files: reader.sources.iter().map(|path| compose::from_here(stack, path)).collect(),
    };
    stack.source_readers().into_iter().map(view).collect()
}

/// Servers that are run here, with the major versions of their data.
fn postgres(stack: &Stack) -> Vec<PostgresView> {
    let view = |store: &BackingService| {
        let Backing::Postgres { user, database, .. } = &store.kind else { return None };
        Some(PostgresView {
            name: store.name.to_string(),
            major: store.server.as_ref()?.version.as_ref()?.numbers()[0],
            user: user.to_string(),
            database: database.to_string(),
            password: store.password.clone().unwrap_or_default(),
        })
    };
    stack.backing_services.iter().filter_map(view).collect()
}

/// Where this host reaches what listens at an address.
fn asked_at(address: Option<&str>) -> String {
    match address {
        None | Some("0.0.0.0") => "127.0.0.1".to_owned(),
        Some("::") => "::1".to_owned(),
        Some(address) => address.to_owned(),
    }
}

fn edge_view(stack: &Stack, edge: &Edge, nginx: &NginxTarget) -> EdgeView {
    let tls = edge.tls.ends_here();
    let compose = stack.targets.compose.as_ref();
    let address = asked_at(compose.and_then(|compose| compose.address.as_ref()).map(ToString::to_string).as_deref());
    let port = compose.map_or(0, |compose| if tls { compose.https_port.get() } else { compose.http_port.get() });
    EdgeView {
        name: EDGE_NAME,
        upstreams: stack.routed().map(|service| UpstreamView { name: service.name.to_string(), address: nginx::addresses(stack, service).join(" ") }).collect(),
        shutdown: nginx.shutdown.whole_seconds(),
        scheme: if tls { "https" } else { "http" },
        // As URLs write it.
        address: if address.contains(':') { format!("[{address}]") } else { address },
        variable: if tls { HTTPS_PORT } else { HTTP_PORT },
        port,
        inner: if tls { nginx::HTTPS } else { nginx::HTTP },
        timeout: edge.limits.timeout.whole_seconds(),
        certificate: if edge.tls == TlsKind::Files { format!("secrets/{CERTIFICATE}") } else { String::new() },
        acme: if nginx.acme.is_some() { ACME_NAME } else { "" },
        hosts: joined(edge.hosts.iter().map(|host| host.name.as_str())),
        folders: served(stack, edge),
        routes: edge.hosts.iter().flat_map(|host| asked(host).map(|route| route_view(stack, host, route))).collect(),
    }
}

/// Folders that nginx serves files from, each once.
fn served(stack: &Stack, edge: &Edge) -> Vec<String> {
    let folder = |route: &Route| match &route.action {
        RouteAction::Files { source: FileSource::Folder(folder), .. } => Some(compose::from_here(stack, folder.as_str())),
        RouteAction::Files { .. } | RouteAction::Service { .. } | RouteAction::Redirect { .. } => None,
    };
    let mut folders: Vec<String> = edge.hosts.iter().flat_map(|host| &host.routes).filter_map(folder).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// The routes that curl can ask: what it sends is no call of gRPC, which servers may refuse in ways that look like none.
fn asked(host: &Host) -> impl Iterator<Item = &Route> {
    host.routes.iter().filter(|route| !matches!(route.action, RouteAction::Service { grpc: true, .. }))
}

/// What is asked of a route: the health of its service where the route leads there, or just any answer of it.
fn route_view(stack: &Stack, host: &Host, route: &Route) -> RouteView {
    let (path, expected) = match &route.action {
        // Of another port nobody knows what it answers.
        RouteAction::Redirect { .. } | RouteAction::Service { port: Some(_), .. } => (route.path.to_string(), "any"),
        RouteAction::Files { .. } => (format!("{}/", route.path.as_str().trim_end_matches('/')), "any"),
        RouteAction::Service { name, strip_prefix, .. } => {
            let prefix = strip_prefix.as_deref().unwrap_or_default();
            let ready = stack
                .service(name)
                .and_then(|service| service.health.ready.as_ref().filter(|_| service.open_path().is_some()))
                .map(|ready| format!("{prefix}{ready}"));
            let ready = ready.filter(|ready| leads(host, ready) == Some(route.path.as_str()));
            ready.map_or_else(|| (route.path.to_string(), "any"), |ready| (ready, "ready"))
        }
    };
    RouteView { host: host.name.to_string(), path, expected }
}

/// The route that a path takes: the longest that fits.
fn leads<'a>(host: &'a Host, path: &str) -> Option<&'a str> {
    let takes = |route: &&Route| {
        let rest = path.strip_prefix(route.path.as_str().trim_end_matches('/'));
        if route.exact { path == route.path.as_str() } else { rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) }
    };
    host.routes.iter().find(takes).map(|route| route.path.as_str())
}
