//! The edge and its routes.

use super::resolve::Resolver;
use super::{Command, Edge, HiddenPath, Host, Limits, RateLimit, Route, RouteAction, Service, ServiceKind, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Duration, HostName, RoutePath};
use serde::Serialize;

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
    pub(super) fn edge(&mut self, services: &[Service]) -> Option<Edge> {
        let edge = self.profile.edge.as_ref()?;
        let limits = self.edge_limits(edge, services);
        let hosts: Vec<Host> = edge
            .hosts
            .iter()
            .map(|(name, host)| {
                let mut routes: Vec<Route> = host.routes.iter().filter_map(|(path, route)| self.route(name, path, route, services, &limits)).collect();
                // nginx and Ingress choose by length, whatever the order; readers look from special to general.
                routes.sort_by(|a, b| b.path.as_str().len().cmp(&a.path.as_str().len()).then_with(|| a.path.cmp(&b.path)));
                let hidden = hidden(&routes, services);
                Host { name: name.clone(), routes, hidden }
            })
            .collect();
        Some(Edge {
            hosts,
            tls: TlsKind::of(&edge.tls),
            limits,
            hsts: self.or_as(&KeyPath::of(&["edge", "hsts"]), edge.hsts, defaults::HSTS, "730d", "two years, as browsers' preload lists ask"),
            trusted_proxies: edge.trusted_proxies.clone(),
        })
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

    fn rate_limit(&mut self, at: &KeyPath, written: &model::RateLimit) -> RateLimit {
        let twice = written.rate.requests.saturating_mul(2).min(100_000);
        RateLimit { rate: written.rate, burst: self.or_as(&at.key("burst"), written.burst, twice, &twice.to_string(), "twice the rate") }
    }

    /// What a route to a service says itself, and for the rest what the edge says.
    fn limits(&mut self, at: &KeyPath, route: &model::Route, edge: &Limits) -> Limits {
        let (timeout, reason) = match route.websocket {
            Some(true) => (defaults::WEBSOCKET_TIMEOUT, "sockets wait for something to happen"),
            _ => (edge.timeout, "the edge's"),
        };
        let (size, silence) = (edge.body_size.to_string(), timeout.to_string());
        Limits {
            body_size: self.or_as(&at.key("body_size"), route.body_size, edge.body_size, &size, "the edge's"),
            rate_limit: route.rate_limit.as_ref().map(|limit| self.rate_limit(&at.key("rate_limit"), limit)).or_else(|| edge.rate_limit.clone()),
            timeout: self.or_as(&at.key("timeout"), route.timeout, timeout, &silence, reason),
        }
    }

    fn route(&mut self, host: &HostName, path: &RoutePath, route: &model::Route, services: &[Service], edge: &Limits) -> Option<Route> {
        let at = KeyPath::of(&["edge", "hosts", host.as_str(), "routes", path.as_str()]);
        let mut limits = edge.clone();
        let action = match (&route.service, &route.files) {
            (Some(name), None) => {
                let Some(service) = services.iter().find(|service| service.name == *name) else {
                    // A service with a mistake of its own has been reported already.
                    if !self.profile.services.contains_key(name) {
                        self.unknown("service", name.as_str(), &at.key("service"), self.profile.services.keys().map(crate::values::ServiceName::as_str));
                    }
                    return None;
                };
                if service.kind != ServiceKind::Web {
                    self.error(
                        "contradiction",
                        &at.key("service"),
                        format!("`{name}` is no web service"),
                        "answers no requests",
                        "route to a service of `kind: web`",
                    );
                }
                if route.cache.is_some() {
                    self.error(
                        "misplaced-key",
                        &at.key("cache"),
                        "only a route to `files` has `cache`".into(),
                        "not used",
                        "remove it; a service sets `Cache-Control` itself",
                    );
                }
                let websocket = self.or_as(&at.key("websocket"), route.websocket, false, "false", "most requests end soon");
                limits = self.limits(&at, route, edge);
                RouteAction::Service { name: name.clone(), websocket }
            }
            (None, Some(folder)) => {
                if route.websocket.is_some() {
                    self.error("misplaced-key", &at.key("websocket"), "files are no web socket".into(), "not used", "remove it");
                }
                let limits = [("body_size", route.body_size.is_some()), ("rate_limit", route.rate_limit.is_some()), ("timeout", route.timeout.is_some())];
                for (key, _) in limits.into_iter().filter(|(_, is_there)| *is_there) {
                    self.error(
                        "misplaced-key",
                        &at.key(key),
                        format!("only a route to a `service` has `{key}`"),
                        "not used",
                        "remove it; files are sent at once",
                    );
                }
                if path.as_str() == "/" {
                    self.error(
                        "unsupported",
                        &at.key("files"),
                        "files cannot be served from `/` yet".into(),
                        "the whole host",
                        "serve them below a path, such as `/static`",
                    );
                }
                let (default, shown) = (defaults::FILES_CACHE, defaults::FILES_CACHE.to_string());
                let cache = self.or_as(&at.key("cache"), route.cache, default, &shown, "files may change with each release");
                RouteAction::Files { folder: folder.clone(), cache }
            }
            (Some(_), Some(_)) => {
                self.error(
                    "contradiction",
                    &at.key("files"),
                    format!("the route `{path}` has `service` and `files`"),
                    "only one can answer",
                    "remove one of them",
                );
                return None;
            }
            (None, None) => {
                self.error("missing-key", &at, format!("the route `{path}` leads nowhere"), "nothing answers", "add `service: NAME` or `files: FOLDER`");
                return None;
            }
        };
        Some(Route { path: path.clone(), own_rate: route.rate_limit.is_some(), action, limits })
    }
}

/// Liveness is for the engine and metrics are for Prometheus, which ask each replica themselves. What is routed by itself is
/// public on purpose, and so is every `ready` path.
fn hidden(routes: &[Route], services: &[Service]) -> Vec<HiddenPath> {
    let behind: Vec<&Service> = routes
        .iter()
        .filter_map(|route| match &route.action {
            RouteAction::Service { name, .. } => services.iter().find(|service| service.name == *name),
            RouteAction::Files { .. } => None,
        })
        .collect();
    let live = behind.iter().filter_map(|service| service.health.live.as_ref()).map(|path| HiddenPath { path: path.to_string(), below: false });
    let metrics = (!behind.is_empty()).then(|| HiddenPath { path: "/metrics".into(), below: true });
    let mut list: Vec<HiddenPath> = live.chain(metrics).collect();
    let is_public = |hidden: &HiddenPath| {
        let covers = |path: &str| path == hidden.path || (hidden.below && path.strip_prefix(&hidden.path).is_some_and(|rest| rest.starts_with('/')));
        routes.iter().any(|route| route.path.as_str() == hidden.path)
            || behind.iter().filter_map(|service| service.health.ready.as_ref()).any(|ready| covers(ready.as_str()))
    };
    list.retain(|hidden| !is_public(hidden));
    list.sort_by(|a, b| a.path.cmp(&b.path));
    list.dedup_by(|a, b| a.path == b.path);
    list
}
