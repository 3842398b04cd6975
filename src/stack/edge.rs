//! The edge and its routes.

use super::resolve::Resolver;
use super::routes::Known;
use super::{Command, Edge, HiddenPath, Host, Limits, RateLimit, Route, RouteAction, Service, Volume, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::Duration;
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
                let prefix = if *strip_prefix { route.path.as_str().trim_end_matches('/') } else { "" };
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
