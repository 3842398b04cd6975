//! The edge and its routes.

use super::resolve::Resolver;
use super::routes::Known;
use super::{Command, NamedPort, Service, Volume, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Cidr, Duration, HostName, Rate, RedirectTarget, RelativePath, RoutePath, ServiceName, Size};
use serde::Serialize;

/// The reverse proxy that the public reaches.
#[derive(Clone, Debug, Serialize)]
pub struct Edge {
    /// Hosts, in the order of the profile.
    pub hosts: Vec<Host>,
    /// Where TLS ends.
    pub tls: TlsKind,
    /// What holds for every route that says nothing else.
    pub limits: Limits,
    /// How long browsers keep to HTTPS.
    pub hsts: Duration,
    /// Proxies in front.
    pub trusted_proxies: Vec<Cidr>,
    /// Port that addresses name; `None` for the scheme's own.
    pub port: Option<u16>,
}

/// How much a request may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Largest body.
    pub body_size: Size,
    /// Limit for one client.
    pub rate_limit: Option<RateLimit>,
    /// Time for an answer, or of silence for a web socket.
    pub timeout: Duration,
}

/// Limit for one client address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RateLimit {
    /// Steady rate.
    pub rate: Rate,
    /// On top at once.
    pub burst: u32,
}

/// A host name of the edge.
#[derive(Clone, Debug, Serialize)]
pub struct Host {
    /// The name.
    pub name: HostName,
    /// Its routes, longest path first.
    pub routes: Vec<Route>,
    /// Paths of the services behind it that stay inside, sorted.
    pub hidden: Vec<HiddenPath>,
}

/// A path that the edge does not let through.
#[derive(Clone, Debug, Serialize)]
pub struct HiddenPath {
    /// The path.
    pub path: String,
    /// True if all that lies below it is hidden, too.
    pub below: bool,
}

/// A route of a host.
#[derive(Clone, Debug, Serialize)]
pub struct Route {
    /// Path.
    pub path: RoutePath,
    /// True if nothing below the path takes the route.
    pub exact: bool,
    /// What answers.
    pub action: RouteAction,
    /// What it may ask for: its own limits, or those of the edge.
    pub limits: Limits,
    /// True if its rate limit is its own: then its requests are counted apart.
    pub own_rate: bool,
}

impl Route {
    /// What a service gets of the route's own path where it does not get its start.
    pub fn rest(&self, prefix: &str) -> &str {
        self.path.as_str().strip_prefix(prefix).filter(|rest| !rest.is_empty()).unwrap_or("/")
    }

    /// Its path as a part of a name, such as that of an Ingress of its own.
    pub fn word(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let word: String = self.path.as_str().chars().map(plain).take(40).collect();
        let word = word.trim_matches('-');
        if word.is_empty() { "root".to_owned() } else { word.to_owned() }
    }
}

/// What answers on a route.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteAction {
    /// A web service.
    Service {
        /// Its name.
        name: ServiceName,
        /// One of its further ports, in place of the main one.
        port: Option<NamedPort>,
        /// It speaks gRPC there.
        grpc: bool,
        /// Connections stay open.
        websocket: bool,
        /// Answers are passed on as they come.
        streaming: bool,
        /// The start of the path that the service does not get.
        strip_prefix: Option<String>,
    },
    /// Files that the edge serves.
    Files {
        /// Where they are.
        source: FileSource,
        /// How long browsers keep them.
        cache: Duration,
        /// The file that answers where there is none.
        fallback: Option<RelativePath>,
    },
    /// Browsers are sent elsewhere.
    Redirect {
        /// Where to.
        to: RedirectTarget,
        /// True if they may remember it.
        permanent: bool,
    },
}

/// Where files are that the edge serves.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileSource {
    /// A folder below the project's root.
    Folder(RelativePath),
    /// A volume of a service.
    Volume(ServiceName),
}

/// Where TLS ends, and how the edge gets its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsKind {
    /// Here, with files that somebody puts there.
    Files,
    /// Here, with certificates that come by ACME.
    Acme,
    /// In front of the edge.
    None,
}

impl TlsKind {
    /// What a profile says.
    pub(super) fn of(written: &model::Tls) -> Self {
        match written {
            model::Tls::Files => Self::Files,
            model::Tls::Acme(_) => Self::Acme,
            model::Tls::None => Self::None,
        }
    }

    /// True if the edge itself speaks TLS.
    pub fn ends_here(self) -> bool {
        self != Self::None
    }
}

impl Resolver<'_> {
    pub(super) fn edge(&mut self, services: &[Service], volumes: &[Volume]) -> Option<Edge> {
        let edge = self.profile.edge.as_ref()?;
        let limits = self.edge_limits(edge, services);
        let hosts: Vec<Host> = edge
            .hosts
            .iter()
            .map(|(name, host)| {
                let mut routes: Vec<Route> =
                    host.routes.iter().filter_map(|(path, route)| self.route(name, path, route, &Known { services, volumes, limits: &limits })).collect();
                // nginx and Ingress choose by length, whatever the order; readers look from special to general.
                routes.sort_by(|a, b| b.path.as_str().len().cmp(&a.path.as_str().len()).then_with(|| a.path.cmp(&b.path)));
                let hidden = hidden(&routes, services);
                Host { name: name.clone(), routes, hidden }
            })
            .collect();
        if edge.hsts.is_some() && !TlsKind::of(&edge.tls).ends_here() {
            let help = "remove it: whoever ends TLS in front sends the header `Strict-Transport-Security`";
            self.error("misplaced-key", &KeyPath::of(&["edge", "hsts"]), "without TLS there is no `hsts`".into(), "never sent", help);
        }
        Some(Edge {
            hosts,
            tls: TlsKind::of(&edge.tls),
            limits,
            hsts: self.or_as(&KeyPath::of(&["edge", "hsts"]), edge.hsts, defaults::HSTS, "730d", "two years, as browsers' preload lists ask"),
            trusted_proxies: edge.trusted_proxies.clone(),
            port: self.public_port(edge),
        })
    }

    /// The port that clients have to name. Behind another proxy, on Kubernetes and where only this host may connect, it is another one's.
    pub(super) fn public_port(&self, edge: &model::Edge) -> Option<u16> {
        let targets = &self.profile.targets;
        let compose = targets.compose.as_ref()?;
        let is_local = compose.address.as_ref().is_some_and(|address| address.0.is_loopback());
        if targets.kubernetes.is_some() || !edge.trusted_proxies.is_empty() || is_local {
            return None;
        }
        let (given, usual) =
            if TlsKind::of(&edge.tls).ends_here() { (compose.https_port, defaults::HTTPS_PORT) } else { (compose.http_port, defaults::HTTP_PORT) };
        given.map(crate::values::Port::get).filter(|port| *port != usual)
    }

    fn edge_limits(&mut self, edge: &model::Edge, services: &[Service]) -> Limits {
        let routed = edge.hosts.values().flat_map(|host| host.routes.values()).filter_map(|route| route.service.as_ref());
        let longest = routed.filter_map(|name| services.iter().find(|service| service.name == *name)).filter_map(|service| match &service.command {
            Command::Gunicorn { timeout, .. } => Some(timeout.whole_seconds() + defaults::EDGE_TIMEOUT_MARGIN.whole_seconds()),
            Command::Image | Command::Args(_) | Command::Uvicorn { .. } => None,
        });
        let timeout = longest.max().map_or(defaults::EDGE_TIMEOUT, Duration::seconds);
        Limits {
            body_size: self.or(&["edge", "body_size"], edge.body_size, defaults::BODY_SIZE, "more than any form needs"),
            rate_limit: edge.rate_limit.as_ref().map(|limit| self.rate_limit(&KeyPath::of(&["edge", "rate_limit"]), limit)),
            timeout: self.or(&["edge", "timeout"], edge.timeout, timeout, "longer than the application's own"),
        }
    }

    pub(super) fn rate_limit(&mut self, at: &KeyPath, written: &model::RateLimit) -> RateLimit {
        let twice = written.rate.requests.saturating_mul(2).min(100_000);
        RateLimit { rate: written.rate, burst: self.or_as(&at.key("burst"), written.burst, twice, &twice.to_string(), "twice the rate") }
    }
}

/// Liveness is for the engine and metrics are for Prometheus, which ask each replica themselves. What is routed by itself is
/// public on purpose, and so is every `ready` path.
fn hidden(routes: &[Route], services: &[Service]) -> Vec<HiddenPath> {
    let behind: Vec<(&str, &Service)> = routes
        .iter()
        .filter_map(|route| match &route.action {
            RouteAction::Service { name, strip_prefix, .. } => {
                let prefix = strip_prefix.as_deref().unwrap_or_default();
                services.iter().find(|service| service.name == *name).map(|service| (prefix, service))
            }
            RouteAction::Files { .. } | RouteAction::Redirect { .. } => None,
        })
        .collect();
    let live = behind.iter().filter_map(|(prefix, service)| Some(HiddenPath { path: format!("{prefix}{}", service.health.live.as_ref()?), below: false }));
    let metrics = behind.iter().map(|(prefix, _)| HiddenPath { path: format!("{prefix}/metrics"), below: true });
    let mut list: Vec<HiddenPath> = live.chain(metrics).collect();
    let is_public = |hidden: &HiddenPath| {
        let covers = |path: &str| path == hidden.path || (hidden.below && path.strip_prefix(&hidden.path).is_some_and(|rest| rest.starts_with('/')));
        routes.iter().any(|route| route.path.as_str() == hidden.path)
            || behind.iter().any(|(prefix, service)| service.health.ready.as_ref().is_some_and(|ready| covers(&format!("{prefix}{ready}"))))
    };
    list.retain(|hidden| !is_public(hidden));
    list.sort_by(|a, b| a.path.cmp(&b.path));
    list.dedup_by(|a, b| a.path == b.path);
    list
}
