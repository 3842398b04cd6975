//! The edge: an Ingress, one more for web sockets, whose time-outs are others, and one for each route with limits of its own.

use super::{Head, INGRESS, given, names, path};
use crate::render::Artifact;
use crate::stack::{Edge, Host, IngressController, KubernetesTarget, Limits, RateLimit, Route, RouteAction, Stack, TlsKind};
use serde::Serialize;

#[derive(Serialize)]
struct IngressView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    class: &'a str,
    /// It has the annotations of ingress-nginx.
    nginx: bool,
    tls_secret: Option<String>,
    /// Kubernetes takes texts only as annotations.
    redirect: &'static str,
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
    grpc: bool,
    websockets: bool,
    streaming: bool,
    /// It is for routes with limits of their own.
    own_limits: bool,
    body_size: String,
    rate_limit: Option<RateView>,
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
    paths: Vec<Backend<'a>>,
}

#[derive(Serialize)]
pub(super) struct Hidden<'a> {
    pub path: &'a str,
    pub kind: &'static str,
}

#[derive(Serialize)]
struct Backend<'a> {
    path: &'a str,
    kind: &'static str,
    service: &'a str,
    /// Name of its port.
    port: &'a str,
}

/// The file of the edge, if there is one and it leads to a service.
pub fn artifact(stack: &Stack, target: &KubernetesTarget, head: &Head) -> Option<Artifact> {
    let edge = stack.edge.as_ref().filter(|_| target.gateway.is_none())?;
    let nginx = target.ingress_controller == IngressController::IngressNginx;
    let mut ingresses: Vec<OneIngress> = ingresses(stack, edge, nginx);
    let first = ingresses.first_mut()?;
    if let Some(issuer) = &target.cluster_issuer {
        first.issuer = Some(issuer.as_str());
        first.hosts = edge.hosts.iter().map(|host| host.name.as_str()).collect();
    }
    let hides = ingresses.iter().flat_map(|ingress| &ingress.rules).any(|rule| !rule.hidden.is_empty());
    let is_taken = |name: &str| {
        stack.services.iter().any(|service| service.name.as_str() == name) || stack.backing_services.iter().any(|store| store.name.as_str() == name)
    };
    // That of an issuer is made by cert-manager, for the hosts that are named with it.
    let made = target.cluster_issuer.is_some() && edge.tls == TlsKind::Acme;
    let tls_secret = given(stack).tls.or_else(|| made.then(|| given::tls_secret(stack)));
    let view = IngressView {
        head,
        class: target.ingress_class.as_str(),
        nginx,
        redirect: if tls_secret.is_some() { "true" } else { "false" },
        tls_secret,
        ingresses,
        nowhere: hides.then(|| names::free("nowhere", is_taken)),
    };
    Some(Artifact::new(path("ingress"), &INGRESS, &view))
}

/// Routes with the same annotations.
#[derive(PartialEq)]
struct Group<'a> {
    grpc: bool,
    websockets: bool,
    streaming: bool,
    limits: &'a Limits,
    /// Host and path of its one route, if that counts its requests apart.
    alone: Option<(&'a str, &'a str)>,
}

impl<'a> Group<'a> {
    /// What holds where a route says nothing else.
    fn main(edge: &'a Edge) -> Self {
        Self { grpc: false, websockets: false, streaming: false, limits: &edge.limits, alone: None }
    }

    /// The group of a route to a service. Files need a server of their own, and an Ingress has no word for other paths than those that
    /// were asked for: there the next shorter route answers.
    fn of(host: &'a Host, route: &'a Route, edge: &'a Edge, nginx: bool) -> Option<Self> {
        let RouteAction::Service { grpc, websocket, streaming, strip_prefix: None, .. } = route.action else { return None };
        if !nginx {
            // Without annotations all routes are alike, and gRPC cannot be said.
            return (!grpc).then_some(Self::main(edge));
        }
        let alone = route.own_rate.then_some((host.name.as_str(), route.path.as_str()));
        Some(Self { grpc, websockets: websocket, streaming, limits: &route.limits, alone })
    }
}

/// The Ingress for plain routes, which also hides what stays inside, and those whose annotations have to be others.
fn ingresses<'a>(stack: &'a Stack, edge: &'a Edge, nginx: bool) -> Vec<OneIngress<'a>> {
    let routes = || edge.hosts.iter().flat_map(|host| host.routes.iter().map(move |route| (host, route)));
    let mut groups = vec![Group::main(edge)];
    let mut list: Vec<OneIngress> = ingress(edge, nginx, &groups[0], stack.project.to_string()).into_iter().collect();
    for (host, route) in routes() {
        let Some(group) = Group::of(host, route, edge, nginx).filter(|group| !groups.contains(group)) else { continue };
        let is_first = group.websockets && !groups.iter().any(|earlier| earlier.websockets);
        let word = if is_first && group.alone.is_none() { "websockets".to_owned() } else { route.word() };
        let name = names::free(&format!("{}-{word}", stack.project), |name| list.iter().any(|one| one.name == name));
        list.extend(ingress(edge, nginx, &group, name));
        groups.push(group);
    }
    list
}

fn ingress<'a>(edge: &'a Edge, nginx: bool, group: &Group<'a>, name: String) -> Option<OneIngress<'a>> {
    let is_main = *group == Group::main(edge);
    let rule = |host: &'a Host| {
        let paths =
            host.routes.iter().filter(|route| Group::of(host, route, edge, nginx).is_some_and(|own| own == *group)).filter_map(|route| match &route.action {
                RouteAction::Service { name, port, .. } => Some(Backend {
                    path: route.path.as_str(),
                    kind: if route.exact { "Exact" } else { "Prefix" },
                    service: name.as_str(),
                    port: port.as_ref().map_or("http", |port| port.name.as_str()),
                }),
                RouteAction::Files { .. } | RouteAction::Redirect { .. } => None,
            });
        Rule { host: host.name.as_str(), hidden: if is_main { hidden(host) } else { Vec::new() }, paths: paths.collect() }
    };
    // A host that no Ingress leads anywhere has nothing to hide.
    let leads = |host: &Host| host.routes.iter().any(|route| Group::of(host, route, edge, nginx).is_some());
    let rules: Vec<Rule> = edge.hosts.iter().filter(|host| leads(host)).map(rule).filter(|rule| !rule.paths.is_empty() || !rule.hidden.is_empty()).collect();
    (!rules.is_empty()).then(|| OneIngress {
        name,
        grpc: group.grpc,
        websockets: group.websockets,
        streaming: group.streaming,
        own_limits: !is_main && !group.websockets && !group.grpc,
        body_size: group.limits.body_size.lower_case(),
        rate_limit: group.limits.rate_limit.as_ref().map(rate),
        timeout: group.limits.timeout.whole_seconds().to_string(),
        issuer: None,
        hosts: rules.iter().map(|rule| rule.host).collect(),
        rules,
    })
}

fn rate(limit: &RateLimit) -> RateView {
    RateView {
        annotation: if limit.rate.per_minute { "limit-rpm" } else { "limit-rps" },
        rate: limit.rate.requests.to_string(),
        // Whole times the rate only: rather a little more than refuse what the profile lets through.
        burst_multiplier: limit.burst.div_ceil(limit.rate.requests.max(1)).max(1).to_string(),
    }
}

pub(super) fn hidden(host: &Host) -> Vec<Hidden<'_>> {
    host.hidden.iter().map(|hidden| Hidden { path: &hidden.path, kind: if hidden.below { "Prefix" } else { "Exact" } }).collect()
}
