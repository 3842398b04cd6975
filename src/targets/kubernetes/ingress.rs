//! The edge: an Ingress, and one more for web sockets, whose time-outs are others.

use super::{Head, INGRESS, names, path, tls_secret};
use crate::render::Artifact;
use crate::stack::{Edge, Host, KubernetesTarget, RouteAction, Stack};
use serde::Serialize;

/// A web socket may be silent for so long.
const WEBSOCKET_SECONDS: u64 = 3600;

#[derive(Serialize)]
struct IngressView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    class: &'a str,
    tls_secret: Option<String>,
    /// Kubernetes takes texts only as annotations.
    redirect: &'static str,
    body_size: String,
    rate_limit: Option<RateView>,
    ingresses: Vec<OneIngress<'a>>,
    /// A Service without pods, for paths that stay inside.
    nowhere: Option<String>,
}

#[derive(Serialize)]
struct RateView {
    annotation: &'static str,
    rate: String,
    burst_multiplier: String,
}

#[derive(Serialize)]
struct OneIngress<'a> {
    name: String,
    websockets: bool,
    timeout: String,
    /// `ClusterIssuer` of the certificate. On one Ingress only, which then names all hosts: a Secret has one owner.
    issuer: Option<&'a str>,
    hosts: Vec<&'a str>,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Rule<'a> {
    host: &'a str,
    hidden: Vec<Hidden<'a>>,
    paths: Vec<Path<'a>>,
}

#[derive(Serialize)]
struct Hidden<'a> {
    path: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
struct Path<'a> {
    path: &'a str,
    service: &'a str,
}

/// The file of the edge, if there is one and it leads to a service.
pub fn artifact(stack: &Stack, target: &KubernetesTarget, head: &Head) -> Option<Artifact> {
    let edge = stack.edge.as_ref()?;
    let mut ingresses: Vec<OneIngress> = [false, true].into_iter().filter_map(|websockets| ingress(stack, edge, websockets)).collect();
    let first = ingresses.first_mut()?;
    if let Some(issuer) = &target.cluster_issuer {
        first.issuer = Some(issuer.as_str());
        first.hosts = edge.hosts.iter().map(|host| host.name.as_str()).collect();
    }
    let hides = ingresses.iter().flat_map(|ingress| &ingress.rules).any(|rule| !rule.hidden.is_empty());
    let is_taken = |name: &str| {
        stack.services.iter().any(|service| service.name.as_str() == name) || stack.backing_services.iter().any(|store| store.name.as_str() == name)
    };
    let tls_secret = tls_secret(stack);
    let view = IngressView {
        head,
        class: target.ingress_class.as_str(),
        redirect: if tls_secret.is_some() { "true" } else { "false" },
        tls_secret,
        body_size: edge.body_size.lower_case(),
        rate_limit: edge.rate_limit.as_ref().map(|limit| RateView {
            annotation: if limit.rate.per_minute { "limit-rpm" } else { "limit-rps" },
            rate: limit.rate.requests.to_string(),
            // Whole times the rate only: rather a little more than refuse what the profile lets through.
            burst_multiplier: limit.burst.div_ceil(limit.rate.requests.max(1)).max(1).to_string(),
        }),
        ingresses,
        nowhere: hides.then(|| names::free("nowhere", is_taken)),
    };
    Some(Artifact::new(path("ingress"), &INGRESS, &view))
}

/// The Ingress for plain routes, which also hides what stays inside, or the one for web sockets.
fn ingress<'a>(stack: &'a Stack, edge: &'a Edge, websockets: bool) -> Option<OneIngress<'a>> {
    let rule = |host: &'a Host| {
        let services = host.routes.iter().filter_map(|route| match &route.action {
            RouteAction::Service { name, websocket } => Some((*websocket, Path { path: route.path.as_str(), service: name.as_str() })),
            // Files need a server of their own: the next shorter route answers.
            RouteAction::Files { .. } => None,
        });
        let paths = services.filter(|(websocket, _)| *websocket == websockets).map(|(_, path)| path).collect();
        Rule { host: host.name.as_str(), hidden: if websockets { Vec::new() } else { hidden(host) }, paths }
    };
    let rules: Vec<Rule> = edge.hosts.iter().map(rule).filter(|rule| !rule.paths.is_empty() || !rule.hidden.is_empty()).collect();
    (!rules.is_empty()).then(|| OneIngress {
        name: if websockets { format!("{}-websockets", stack.project) } else { stack.project.to_string() },
        websockets,
        issuer: None,
        timeout: if websockets { WEBSOCKET_SECONDS } else { edge.timeout.whole_seconds() }.to_string(),
        hosts: rules.iter().map(|rule| rule.host).collect(),
        rules,
    })
}

fn hidden(host: &Host) -> Vec<Hidden<'_>> {
    host.hidden.iter().map(|hidden| Hidden { path: &hidden.path, kind: if hidden.below { "Prefix" } else { "Exact" } }).collect()
}
