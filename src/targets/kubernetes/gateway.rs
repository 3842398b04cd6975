//! The edge, where the cluster has a Gateway: an HTTPRoute for each host, and one more for each sixteen routes of it.

use super::ingress::hidden;
use super::{GATEWAY, Head, names, path};
use crate::render::Artifact;
use crate::stack::{Edge, EdgeField, Host, KubernetesTarget, Route, RouteAction, Stack};
use serde::Serialize;

/// What one HTTPRoute may have.
const MOST_RULES: usize = 16;
/// Port of the Service that leads nowhere.
const NOWHERE: u16 = 80;

#[derive(Serialize)]
struct GatewayView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    gateway: &'a str,
    gateway_namespace: &'a str,
    listener: Option<&'a str>,
    /// The header, if browsers are told.
    hsts: Option<String>,
    routes: Vec<HttpRoute<'a>>,
    /// A Service without pods, for paths that stay inside.
    nowhere: Option<&'a str>,
}

#[derive(Serialize)]
struct HttpRoute<'a> {
    name: String,
    host: &'a str,
    rules: Vec<Rule<'a>>,
}

#[derive(Clone, Default, Serialize)]
struct Rule<'a> {
    path: &'a str,
    kind: &'static str,
    /// It stays inside.
    inside: bool,
    /// What is taken away.
    prefix: Option<&'a str>,
    /// What is left of the path without it.
    rest: Option<&'a str>,
    redirect: Option<Redirect<'a>>,
    service: Option<&'a str>,
    port: u16,
    timeout: Option<String>,
    /// Its time-out is none.
    open: bool,
}

#[derive(Clone, Serialize)]
struct Redirect<'a> {
    scheme: Option<&'a str>,
    host: Option<&'a str>,
    port: Option<u16>,
    path: &'a str,
    /// What follows the route's path is not kept.
    whole: bool,
    status: u16,
}

/// The file of the edge, if it is a Gateway and leads somewhere.
pub fn artifact(stack: &Stack, target: &KubernetesTarget, head: &Head) -> Option<Artifact> {
    let (edge, gateway) = (stack.edge.as_ref()?, target.gateway.as_ref()?);
    let is_taken = |name: &str| {
        stack.services.iter().any(|service| service.name.as_str() == name) || stack.backing_services.iter().any(|store| store.name.as_str() == name)
    };
    let nowhere = names::free("nowhere", is_taken);
    let routes = routes(stack, target, edge, &nowhere);
    let view = GatewayView {
        head,
        gateway: gateway.name.as_str(),
        gateway_namespace: gateway.namespace.as_str(),
        listener: gateway.listener.as_ref().map(crate::values::ObjectName::as_str),
        hsts: edge.tls.ends_here().then(|| format!("max-age={}", edge.hsts.whole_seconds())),
        nowhere: routes.iter().flat_map(|route| &route.rules).any(|rule| rule.inside).then_some(nowhere.as_str()),
        routes,
    };
    (!view.routes.is_empty()).then(|| Artifact::new(path("gateway"), &GATEWAY, &view))
}

fn routes<'a>(stack: &'a Stack, target: &KubernetesTarget, edge: &'a Edge, nowhere: &'a str) -> Vec<HttpRoute<'a>> {
    let mut list: Vec<HttpRoute> = Vec::new();
    for host in &edge.hosts {
        let own: Vec<Rule> = host.routes.iter().filter_map(|route| rule(stack, target, route)).collect();
        if own.is_empty() {
            continue;
        }
        let rules: Vec<Rule> = inside(host, nowhere).chain(own).collect();
        for some in rules.chunks(MOST_RULES) {
            let name = names::free(stack.project.as_str(), |name| list.iter().any(|route| route.name == name));
            list.push(HttpRoute { name, host: host.name.as_str(), rules: some.to_vec() });
        }
    }
    list
}

fn inside<'a>(host: &'a Host, nowhere: &'a str) -> impl Iterator<Item = Rule<'a>> {
    hidden(host).into_iter().map(move |hidden| Rule {
        path: hidden.path,
        kind: if hidden.kind == "Exact" { "Exact" } else { "PathPrefix" },
        inside: true,
        service: Some(nowhere),
        port: NOWHERE,
        ..Rule::default()
    })
}

/// What a route is there; `None` for what a Gateway cannot say: there the next shorter route answers.
fn rule<'a>(stack: &'a Stack, target: &KubernetesTarget, route: &'a Route) -> Option<Rule<'a>> {
    let rule = Rule { path: route.path.as_str(), kind: if route.exact { "Exact" } else { "PathPrefix" }, ..Rule::default() };
    match &route.action {
        RouteAction::Service { name, port, grpc, websocket, streaming, strip_prefix } => {
            if *grpc && !target.edge_says(EdgeField::Grpc) {
                return None;
            }
            let port = port.as_ref().map(|port| port.port).or_else(|| stack.service(name)?.port)?;
            let open = *websocket || *streaming;
            Some(Rule {
                prefix: strip_prefix.as_deref(),
                rest: strip_prefix.as_deref().map(|prefix| route.rest(prefix)),
                service: Some(name.as_str()),
                port: port.get(),
                timeout: Some(if open { "0s".to_owned() } else { format!("{}s", route.limits.timeout.whole_seconds()) }),
                open,
                ..rule
            })
        }
        RouteAction::Redirect { to, permanent } => Some(Rule { redirect: Some(redirect(to.as_str(), route.exact, *permanent)), ..rule }),
        RouteAction::Files { .. } => None,
    }
}

/// An address or a path in the parts that a Gateway wants.
fn redirect(to: &str, exact: bool, permanent: bool) -> Redirect<'_> {
    let (scheme, rest) = to.split_once("://").map_or((None, to), |(scheme, rest)| (Some(scheme), rest));
    let (place, path) = match scheme {
        Some(_) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, port.parse().ok()));
    Redirect {
        scheme,
        host: Some(host).filter(|host| !host.is_empty()),
        port,
        path: if path.is_empty() { "/" } else { path },
        whole: exact,
        status: if permanent { 301 } else { 302 },
    }
}
