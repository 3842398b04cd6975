//! The nginx target: the edge on Compose.
//!
//! nginx runs as its image's own user on a read-only root, so it listens above 1024 and writes below `/tmp` only.

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{Command, Edge, HiddenPath, Host, NamedPort, RateLimit, Route, RouteAction, Service, Stack, TlsKind};
use crate::template;
use serde::Serialize;

static NGINX: Template = template!("nginx/nginx.conf", Nginx, includes[&LOCATIONS, &UNKNOWN]);
static LOCATIONS: Template = template!("nginx/locations", Nginx);
static UNKNOWN: Template = template!("nginx/unknown", Nginx);

/// The target.
pub const TARGET: Target = Target { id: "nginx", templates: &[&NGINX, &LOCATIONS, &UNKNOWN], artifacts };

/// Where the container listens for HTTP, for HTTPS, and for questions about itself.
pub const HTTP: u16 = 8080;
/// See [`HTTP`].
pub const HTTPS: u16 = 8443;
/// See [`HTTP`]; on loopback only.
pub const STATUS: u16 = 8081;
/// Folder of the container that holds the folders of `files` routes, by host.
pub const FILES: &str = "/srv/files";

/// Folder of the container with the certificates that come by ACME, as certbot keeps them.
pub const CERTIFICATES: &str = "/var/tmp/certificates";
/// Folder of the container with the answers to an authority's questions.
pub const CHALLENGES: &str = "/var/tmp/challenges";

/// Zone that counts requests by the limit of the edge.
const REQUESTS: &str = "requests";

/// First version that knows `http2 on`.
const HTTP2_DIRECTIVE: [u32; 3] = [1, 25, 1];
/// First version whose open-source build follows a name that changes its addresses.
const RESOLVE: [u32; 3] = [1, 27, 3];
/// First version that keeps certificates whose names hold a variable, and that keeps connections open through a reload.
const KEEPS: [u32; 3] = [1, 27, 4];

#[derive(Serialize)]
struct NginxView {
    made_by: String,
    workers: u32,
    shutdown: u64,
    http_port: u16,
    https_port: u16,
    status_port: u16,
    files: &'static str,
    tls: bool,
    /// Where the certificates are that come by ACME.
    acme: Option<AcmeView>,
    http2_directive: bool,
    keepalive_min: bool,
    resolve: bool,
    /// `:8443` where clients have to name it.
    public_port: String,
    hsts: u64,
    body_size: String,
    read_timeout: u64,
    /// True if a timeout of the application is known.
    application_timeout: bool,
    /// Zones that count the requests of each client.
    rates: Vec<RateView>,
    websockets: bool,
    /// True if a service gets another path than the client asked for.
    strips: bool,
    trusted_proxies: Vec<String>,
    probe: Option<ProbeView>,
    /// What stays of a path that is sent elsewhere.
    rests: Vec<RestView>,
    /// How long browsers keep files of single-page applications.
    freshness: Vec<String>,
    upstreams: Vec<UpstreamView>,
    /// True if a proxy in front speaks HTTP/2 without TLS.
    h2c: bool,
    hosts: Vec<HostView>,
}

#[derive(Serialize)]
struct AcmeView {
    certificates: &'static str,
    challenges: &'static str,
    cache: bool,
}

/// What load balancers ask.
#[derive(Serialize)]
struct ProbeView {
    path: String,
    host: String,
    upstream: String,
}

#[derive(Serialize)]
struct RateView {
    zone: String,
    /// Host and path of the one route that it is for.
    about: Option<String>,
    rate: String,
}

#[derive(Clone, Serialize)]
struct RateUse {
    zone: String,
    burst: u32,
}

#[derive(PartialEq, Serialize)]
struct UpstreamView {
    name: String,
    address: String,
}

/// What follows a route's path, as the client wrote it: decoded, a line break in it would end the header.
#[derive(Serialize)]
struct RestView {
    name: String,
    /// The path as a regular expression.
    pattern: String,
    /// True if the rest is the whole new path: then `//other.example.com` must not become one.
    is_path: bool,
}

#[derive(Serialize)]
struct HostView {
    name: String,
    hidden: Vec<HiddenPath>,
    strips: bool,
    grpc: bool,
    locations: Vec<LocationView>,
    /// Requests that get a second round. Web sockets get none: their clients connect again in any case.
    again: Vec<AgainView>,
}

/// One `location`. A route `/ws` is `= /ws` and `/ws/`, so that `/wsx` is another path, as it is on Kubernetes.
#[derive(Clone, Default, Serialize)]
struct LocationView {
    exact: bool,
    path: String,
    upstream: Option<String>,
    grpc: bool,
    websocket: bool,
    streaming: bool,
    strip: Option<StripView>,
    rate: Option<RateUse>,
    /// Where it is not the host's.
    body_size: Option<String>,
    /// Where it is not the host's.
    timeout: Option<u64>,
    /// Where a request that no replica answered gets its second round.
    again: Option<String>,
    files: Option<FilesView>,
    redirect: Option<RedirectView>,
}

/// A prefix that a service does not get.
#[derive(Clone, Serialize)]
struct StripView {
    prefix: String,
    /// The prefix as a regular expression.
    pattern: String,
    /// What is left of the route's own path.
    rest: String,
}

#[derive(Clone, Serialize)]
struct FilesView {
    root: String,
    cache: String,
    /// Path of the file that answers where there is none.
    fallback: Option<String>,
}

#[derive(Clone, Serialize)]
struct RedirectView {
    status: u16,
    /// Address or path, without what follows; none if that is all.
    to: Option<String>,
    /// Names of variables that follow.
    then: Vec<String>,
}

/// A second round, with the time-out of the first. Calls of gRPC get none: their clients try again themselves.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct AgainView {
    name: String,
    upstream: String,
    timeout: Option<u64>,
    streaming: bool,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let (Some(nginx), Some(edge)) = (&stack.targets.nginx, &stack.edge) else { return Vec::new() };
    let version = nginx.version.numbers();
    let resolve = version >= RESOLVE;
    let (mut rates, mut rests, edge_rate) = (Vec::new(), Vec::new(), edge.limits.rate_limit.as_ref());
    rates.extend(edge_rate.map(|limit| RateView { zone: REQUESTS.into(), about: None, rate: rate(limit) }));
    let hosts: Vec<HostView> =
        edge.hosts.iter().map(|host| host_view(stack, edge, host, resolve, &mut Zones { rates: &mut rates, rests: &mut rests })).collect();
    let mut freshness: Vec<String> =
        locations(&hosts).filter_map(|location| location.files.as_ref()).filter(|files| files.fallback.is_some()).map(|files| files.cache.clone()).collect();
    let websockets = locations(&hosts).any(|location| location.websocket);
    let strips = hosts.iter().any(|host| host.strips);
    freshness.sort();
    freshness.dedup();
    let view = NginxView {
        made_by: made_by(stack),
        workers: nginx.workers,
        shutdown: nginx.shutdown.whole_seconds(),
        http_port: HTTP,
        https_port: HTTPS,
        status_port: STATUS,
        files: FILES,
        tls: edge.tls.ends_here(),
        acme: (edge.tls == TlsKind::Acme).then_some(AcmeView { certificates: CERTIFICATES, challenges: CHALLENGES, cache: version >= KEEPS }),
        http2_directive: version >= HTTP2_DIRECTIVE,
        keepalive_min: version >= KEEPS,
        resolve,
        public_port: edge.port.map(|port| format!(":{port}")).unwrap_or_default(),
        hsts: edge.hsts.whole_seconds(),
        body_size: edge.limits.body_size.lower_case(),
        read_timeout: edge.limits.timeout.whole_seconds(),
        application_timeout: stack.routed().any(|service| matches!(service.command, Command::Gunicorn { .. })),
        rates,
        websockets,
        strips,
        rests,
        freshness,
        probe: probe(stack, edge),
        trusted_proxies: edge.trusted_proxies.iter().map(ToString::to_string).collect(),
        upstreams: upstreams(stack),
        h2c: !edge.tls.ends_here() && hosts.iter().any(|host| host.grpc),
        hosts,
    };
    vec![Artifact::new("nginx/nginx.conf", &NGINX, &view)]
}

/// A load balancer in front asks by address, and takes no answer for one that is down: the first service with a path for it answers.
fn probe(stack: &Stack, edge: &Edge) -> Option<ProbeView> {
    let answers = |host: &Host, route: &Route| {
        let RouteAction::Service { name, port: None, grpc: false, .. } = &route.action else { return None };
        let service = stack.services.iter().find(|service| service.name == *name)?;
        Some(ProbeView { path: service.health.ready.as_ref()?.to_string(), host: host.name.to_string(), upstream: upstream(service, None, false).name })
    };
    // The shortest path last: whoever has the root of a host is the main one.
    let first = |host: &Host| host.routes.iter().rev().find_map(|route| answers(host, route));
    edge.hosts.iter().filter(|_| !edge.trusted_proxies.is_empty()).find_map(first)
}

/// What a route leads to. Connections that are kept speak one protocol, so that each has a list of its own.
fn upstream(service: &Service, port: Option<&NamedPort>, grpc: bool) -> UpstreamView {
    // No name of a service has a dot, and none of these has another dash.
    let name = format!("{}{}", service.name.as_str().replace('-', "_"), port.map(|port| format!(".{}", port.name)).unwrap_or_default());
    let number = port.map(|port| port.port).or(service.port).map(crate::values::Port::get).unwrap_or_default();
    UpstreamView { name: if grpc { format!("grpc-{name}") } else { name }, address: format!("{}:{number}", service.name) }
}

/// What routes lead to, each once, in the order of the profile.
fn upstreams(stack: &Stack) -> Vec<UpstreamView> {
    let mut list = Vec::new();
    for service in &stack.services {
        for view in led_to(stack, service) {
            if !list.contains(&view) {
                list.push(view);
            }
        }
    }
    list
}

fn led_to<'a>(stack: &'a Stack, service: &'a Service) -> impl Iterator<Item = UpstreamView> + 'a {
    let routes = stack.edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes);
    routes.filter_map(|route| match &route.action {
        RouteAction::Service { name, port, grpc, .. } if *name == service.name => Some(upstream(service, port.as_ref(), *grpc)),
        RouteAction::Service { .. } | RouteAction::Files { .. } | RouteAction::Redirect { .. } => None,
    })
}

/// The name and each port of a service that routes lead to, as the `server` lines of its upstreams have them.
pub fn addresses(stack: &Stack, service: &Service) -> Vec<String> {
    let mut addresses: Vec<String> = led_to(stack, service).map(|view| view.address).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

fn rate(limit: &RateLimit) -> String {
    format!("{}r/{}", limit.rate.requests, if limit.rate.per_minute { "m" } else { "s" })
}

fn locations(hosts: &[HostView]) -> impl Iterator<Item = &LocationView> {
    hosts.iter().flat_map(|host| &host.locations)
}

/// What routes need outside of their server.
struct Zones<'v> {
    rates: &'v mut Vec<RateView>,
    rests: &'v mut Vec<RestView>,
}

fn host_view(stack: &Stack, edge: &Edge, host: &Host, resolve: bool, zones: &mut Zones) -> HostView {
    let mut locations = Vec::new();
    let mut again = Vec::new();
    for route in &host.routes {
        let path = route.path.as_str();
        let view = match &route.action {
            RouteAction::Files { cache, fallback, .. } => {
                let root = format!("{}/{}", files_tree(host, route), host.name);
                let fallback = fallback.as_ref().map(|file| format!("{}/{file}", path.trim_end_matches('/')));
                if path != "/" {
                    // As nginx does it for any other folder.
                    let redirect = RedirectView { status: 301, to: Some(below(path)), then: vec!["is_args".into(), "args".into()] };
                    locations.push(LocationView { exact: true, path: path.to_owned(), redirect: Some(redirect), ..LocationView::default() });
                }
                locations.push(LocationView {
                    path: below(path),
                    files: Some(FilesView { root, cache: cache.in_days(), fallback }),
                    ..LocationView::default()
                });
                continue;
            }
            RouteAction::Redirect { to, permanent } => {
                let (to, then) = target(route, to.as_str(), zones.rests);
                LocationView { redirect: Some(RedirectView { status: if *permanent { 301 } else { 302 }, to, then }), ..LocationView::default() }
            }
            RouteAction::Service { name, port, grpc, websocket, streaming, strip_prefix } => {
                let Some(service) = stack.service(name) else { continue };
                let upstream = upstream(service, port.as_ref(), *grpc).name;
                let own = *grpc || *websocket || *streaming || route.limits.timeout != edge.limits.timeout;
                let timeout = own.then(|| route.limits.timeout.whole_seconds());
                // Without `resolve` the list of replicas never changes.
                let round = (resolve && !websocket && !grpc).then(|| AgainView {
                    name: format!(
                        "{upstream}_again{}{}",
                        timeout.map(|timeout| format!("_{timeout}s")).unwrap_or_default(),
                        if *streaming { "_streaming" } else { "" }
                    ),
                    upstream: upstream.clone(),
                    timeout,
                    streaming: *streaming,
                });
                let view = LocationView {
                    upstream: Some(upstream),
                    grpc: *grpc,
                    websocket: *websocket,
                    streaming: *streaming,
                    strip: strip_prefix.as_deref().map(|prefix| StripView {
                        prefix: prefix.to_owned(),
                        pattern: pattern(prefix),
                        rest: route.rest(prefix).to_owned(),
                    }),
                    rate: rate_use(host, route, zones.rates),
                    body_size: (route.limits.body_size != edge.limits.body_size).then(|| route.limits.body_size.lower_case()),
                    timeout,
                    again: round.as_ref().map(|round| round.name.clone()),
                    ..LocationView::default()
                };
                again.extend(round);
                view
            }
        };
        if route.exact || path != "/" {
            locations.push(LocationView { exact: true, path: path.to_owned(), ..view.clone() });
        }
        if !route.exact {
            locations.push(LocationView { path: below(path), ..view });
        }
    }
    again.sort();
    again.dedup();
    let strips = locations.iter().any(|location| location.strip.is_some());
    let grpc = locations.iter().any(|location| location.grpc);
    HostView { name: host.name.to_string(), hidden: host.hidden.clone(), strips, grpc, locations, again }
}

fn below(path: &str) -> String {
    if path == "/" { "/".to_owned() } else { format!("{path}/") }
}

/// Folder of the container below which the files of a route are, by host and path. Files below other files have a tree of their own:
/// nothing can be mounted into a folder that is mounted read-only.
pub fn files_tree(host: &Host, route: &Route) -> String {
    let others = host.routes.iter().filter(|other| matches!(other.action, RouteAction::Files { .. }) && other.path != route.path);
    match others.filter(|other| route.path.as_str().starts_with(&below(other.path.as_str()))).count() {
        0 => FILES.to_owned(),
        depth => format!("{FILES}-{depth}"),
    }
}

/// A path as a regular expression; see `RoutePath` for what may be in it.
fn pattern(path: &str) -> String {
    path.replace('.', "[.]").replace('+', "[+]")
}

/// Where a redirect leads, and the variables with what follows the route's path.
fn target(route: &Route, to: &str, rests: &mut Vec<RestView>) -> (Option<String>, Vec<String>) {
    if route.exact {
        return (Some(to.to_owned()), vec!["is_args".into(), "args".into()]);
    }
    let to = Some(to.trim_end_matches('/')).filter(|to| !to.is_empty());
    if route.path.as_str() == "/" {
        return (to.map(str::to_owned), vec!["request_uri".into()]);
    }
    let name = format!("rest_{}", rests.len() + 1);
    rests.push(RestView { name: name.clone(), pattern: pattern(route.path.as_str()), is_path: to.is_none() });
    (to.map(str::to_owned), vec![name])
}

/// What counts the requests of a route. A limit of its own has a zone of its own, whose name says nothing: a path may have characters that
/// a name cannot have.
fn rate_use(host: &Host, route: &Route, rates: &mut Vec<RateView>) -> Option<RateUse> {
    let limit = route.limits.rate_limit.as_ref()?;
    let zone = if route.own_rate {
        let zone = format!("{REQUESTS}_{}", rates.iter().filter(|rate| rate.about.is_some()).count() + 1);
        rates.push(RateView { zone: zone.clone(), about: Some(format!("{}{}", host.name, route.path)), rate: rate(limit) });
        zone
    } else {
        REQUESTS.to_owned()
    };
    Some(RateUse { zone, burst: limit.burst })
}
