//! The nginx target: the edge on Compose.
//!
//! nginx runs as its image's own user on a read-only root, so it listens above 1024 and writes below `/tmp` only.

use super::{Target, made_by};
use crate::render::{Artifact, Template};
use crate::stack::{Command, HiddenPath, Host, RouteAction, Service, Stack, TlsKind};
use crate::template;
use serde::Serialize;

static NGINX: Template = template!("nginx/nginx.conf", Nginx, includes[&LOCATIONS]);
static LOCATIONS: Template = template!("nginx/locations", Nginx);

/// The target.
pub const TARGET: Target = Target { id: "nginx", templates: &[&NGINX, &LOCATIONS], artifacts };

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

/// First version that knows `http2 on`.
const HTTP2_DIRECTIVE: [u32; 3] = [1, 25, 1];
/// First version whose open-source build follows a name that changes its addresses.
const RESOLVE: [u32; 3] = [1, 27, 3];
/// First version that keeps certificates whose names hold a variable.
const CERTIFICATE_CACHE: [u32; 3] = [1, 27, 4];

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
    resolve: bool,
    hsts: u64,
    body_size: String,
    read_timeout: u64,
    /// True if a timeout of the application is known.
    application_timeout: bool,
    rate_limit: Option<RateView>,
    websockets: bool,
    trusted_proxies: Vec<String>,
    upstreams: Vec<UpstreamView>,
    hosts: Vec<HostView>,
}

#[derive(Serialize)]
struct AcmeView {
    certificates: &'static str,
    challenges: &'static str,
    cache: bool,
}

#[derive(Serialize)]
struct RateView {
    rate: String,
    burst: u32,
}

#[derive(Serialize)]
struct UpstreamView {
    name: String,
    address: String,
}

#[derive(Serialize)]
struct HostView {
    name: String,
    hidden: Vec<HiddenPath>,
    locations: Vec<LocationView>,
    /// Upstreams whose requests get a second round. Web sockets get none: their clients connect again in any case.
    again: Vec<String>,
}

/// One `location`. A route `/ws` is `= /ws` and `/ws/`, so that `/wsx` is another path, as it is on Kubernetes.
#[derive(Serialize)]
struct LocationView {
    exact: bool,
    path: String,
    upstream: Option<String>,
    websocket: bool,
    cache: Option<String>,
}

fn artifacts(stack: &Stack) -> Vec<Artifact> {
    let (Some(nginx), Some(edge)) = (&stack.targets.nginx, &stack.edge) else { return Vec::new() };
    let version = nginx.version.numbers();
    let resolve = version >= RESOLVE;
    let hosts: Vec<HostView> = edge.hosts.iter().map(|host| host_view(stack, host, resolve)).collect();
    let view = NginxView {
        made_by: made_by(stack),
        workers: nginx.workers,
        shutdown: nginx.shutdown.whole_seconds(),
        http_port: HTTP,
        https_port: HTTPS,
        status_port: STATUS,
        files: FILES,
        tls: edge.tls.ends_here(),
        acme: (edge.tls == TlsKind::Acme).then_some(AcmeView { certificates: CERTIFICATES, challenges: CHALLENGES, cache: version >= CERTIFICATE_CACHE }),
        http2_directive: version >= HTTP2_DIRECTIVE,
        resolve,
        hsts: edge.hsts.whole_seconds(),
        body_size: edge.body_size.lower_case(),
        read_timeout: edge.timeout.whole_seconds(),
        application_timeout: stack.routed().any(|service| matches!(service.command, Command::Gunicorn { .. })),
        rate_limit: edge
            .rate_limit
            .as_ref()
            .map(|limit| RateView { rate: format!("{}r/{}", limit.rate.requests, if limit.rate.per_minute { "m" } else { "s" }), burst: limit.burst }),
        websockets: hosts.iter().flat_map(|host| &host.locations).any(|location| location.websocket),
        trusted_proxies: edge.trusted_proxies.iter().map(ToString::to_string).collect(),
        upstreams: stack.routed().map(|service| UpstreamView { name: upstream(service), address: address(service) }).collect(),
        hosts,
    };
    vec![Artifact::new("nginx/nginx.conf", &NGINX, &view)]
}

fn upstream(service: &Service) -> String {
    service.name.as_str().replace('-', "_")
}

fn address(service: &Service) -> String {
    format!("{}:{}", service.name, service.port.map(crate::values::Port::get).unwrap_or_default())
}

fn host_view(stack: &Stack, host: &Host, resolve: bool) -> HostView {
    let mut locations = Vec::new();
    for route in &host.routes {
        let path = route.path.as_str();
        let below = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        match &route.action {
            RouteAction::Files { cache, .. } => {
                locations.push(LocationView { exact: false, path: below, upstream: None, websocket: false, cache: Some(cache.in_days()) });
            }
            RouteAction::Service { name, websocket } => {
                let Some(service) = stack.service(name) else { continue };
                let view =
                    |exact, path: &str| LocationView { exact, path: path.to_owned(), upstream: Some(upstream(service)), websocket: *websocket, cache: None };
                if path != "/" {
                    locations.push(view(true, path));
                }
                locations.push(view(false, &below));
            }
        }
    }
    // Without `resolve` the list of replicas never changes.
    let mut again: Vec<String> = locations.iter().filter(|location| resolve && !location.websocket).filter_map(|location| location.upstream.clone()).collect();
    again.sort();
    again.dedup();
    HostView { name: host.name.to_string(), hidden: host.hidden.clone(), locations, again }
}
