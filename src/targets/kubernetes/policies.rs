//! NetworkPolicies: nothing may talk to anything, but along the edges of the Stack.

use super::{Head, POLICIES, path};
use crate::render::Artifact;
use crate::stack::{BackingService, Dependency, Dns, KubernetesTarget, METRICS, NamedPort, Protocol, RouteAction, Service, ServiceKind, Stack};
use crate::values::{ObjectName, ServiceName};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

#[derive(Serialize)]
struct PoliciesView<'a> {
    #[serde(flatten)]
    head: &'a Head<'a>,
    controller: &'a str,
    dns: &'a Dns,
    /// Where requests come from besides.
    addresses: Vec<String>,
    /// Namespace of what collects metrics.
    scraper: Option<&'a str>,
    /// cert-manager starts pods here that answer an authority.
    solvers: bool,
    policies: Vec<Policy<'a>>,
}

/// The traffic of the pods of one name.
#[derive(Debug, PartialEq, Serialize)]
struct Policy<'a> {
    name: &'a str,
    types: Vec<&'static str>,
    clients: Option<Clients<'a>>,
    needs: Vec<Need<'a>>,
    addresses: Vec<Address>,
    outside: Vec<Outside<'a>>,
    /// Managed backing services by name: they may have private addresses.
    managed: Vec<Outside<'a>>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Clients<'a> {
    /// The Ingress leads to the main port.
    public: bool,
    /// The further ports that it leads to.
    public_more: Vec<u16>,
    pods: Vec<&'a str>,
    port: Option<u16>,
    /// For pods alone.
    more: Vec<More>,
    /// For what collects metrics.
    metrics: Option<u16>,
}

/// A further port of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct More {
    port: u16,
    protocol: &'static str,
}

#[derive(Debug, PartialEq, Serialize)]
struct Need<'a> {
    pod: &'a str,
    port: Option<u16>,
    more: Vec<More>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Address {
    cidr: String,
    port: u16,
}

/// Hosts outside the cluster behind one port.
#[derive(Debug, PartialEq, Serialize)]
struct Outside<'a> {
    hosts: Vec<&'a str>,
    port: u16,
}

/// What is written for a host that only the Secret names.
const REPORTS: &str = "the host that SENTRY_DSN names";
const HTTPS: u16 = 443;

/// The file with all policies.
pub fn artifact(stack: &Stack, target: &KubernetesTarget, head: &Head) -> Artifact {
    let view = PoliciesView {
        head,
        controller: target.edge_namespace.as_str(),
        dns: &target.dns,
        addresses: target.edge_addresses.iter().map(ToString::to_string).collect(),
        scraper: target.metrics_namespace.as_ref().map(ObjectName::as_str),
        solvers: target.cluster_issuer.is_some(),
        policies: policies(stack),
    };
    Artifact::new(path("network-policies"), &POLICIES, &view)
}

fn policies(stack: &Stack) -> Vec<Policy<'_>> {
    let services = stack.services.iter().map(|service| {
        let reports = service.reports_errors.then_some((REPORTS, HTTPS));
        leaving(stack, &service.name, &service.depends_on, service.egress.iter().map(|target| (target.host(), target.port())).chain(reports))
    });
    let stores = stack.backing_services.iter().filter(|store| store.server.is_some()).map(|store| match store.kind.container() {
        Some(container) => leaving(stack, &store.name, &container.depends_on, container.egress.iter().map(|target| (target.host(), target.port()))),
        None => policy(stack, &store.name),
    });
    let backups = stack.backups.iter().map(|backup| Policy {
        name: &backup.name,
        types: Vec::new(),
        clients: None,
        needs: vec![Need { pod: backup.store.as_str(), port: port(stack, &backup.store), more: Vec::new() }],
        addresses: Vec::new(),
        outside: Vec::new(),
        managed: Vec::new(),
    });
    let with_types = services.chain(stores).chain(backups).map(|policy| {
        let leaves = !policy.needs.is_empty() || !policy.addresses.is_empty() || !policy.outside.is_empty() || !policy.managed.is_empty();
        let types = [("Ingress", policy.clients.is_some()), ("Egress", leaves)];
        Policy { types: types.into_iter().filter_map(|(name, is_there)| is_there.then_some(name)).collect(), ..policy }
    });
    with_types.filter(|policy| !policy.types.is_empty()).collect()
}

/// The policy of these pods with who may reach them, and what they may reach.
fn leaving<'a>(stack: &'a Stack, name: &'a ServiceName, depends_on: &'a [Dependency], egress: impl Iterator<Item = (&'a str, u16)>) -> Policy<'a> {
    let (mut addresses, outside) = by_port(egress);
    let (known, named): (Vec<_>, Vec<_>) =
        depends_on.iter().filter_map(|dependency| stack.managed(&dependency.name)).partition(|store| !store.addresses.is_empty());
    let (fixed, managed) = by_port(named.iter().map(|store| (store.host.as_str(), store.port.get())));
    addresses.extend(fixed);
    let ranges = known.iter().flat_map(|store| store.addresses.iter().map(|range| Address { cidr: range.to_string(), port: store.port.get() }));
    addresses.extend(ranges);
    Policy { needs: needs(stack, depends_on), addresses, outside, managed, ..policy(stack, name) }
}

/// The policy of these pods with who may reach them, and nothing that they may reach.
fn policy<'a>(stack: &'a Stack, name: &'a ServiceName) -> Policy<'a> {
    let routes = stack.edge.iter().flat_map(|edge| &edge.hosts).flat_map(|host| &host.routes);
    let led_to: Vec<Option<u16>> = routes
        .filter_map(|route| match &route.action {
            RouteAction::Service { name: service, port, .. } if service == name => Some(port.as_ref().map(|port| port.port.get())),
            RouteAction::Service { .. } | RouteAction::Files { .. } | RouteAction::Redirect { .. } => None,
        })
        .collect();
    let public = led_to.contains(&None);
    let mut public_more: Vec<u16> = led_to.into_iter().flatten().collect();
    public_more.sort_unstable();
    public_more.dedup();
    let depends = |service: &&Service| service.depends_on.iter().any(|dependency| dependency.name == *name);
    let containers = stack
        .backing_services
        .iter()
        .filter(|store| store.kind.container().is_some_and(|container| container.depends_on.iter().any(|dependency| dependency.name == *name)));
    let services = stack.services.iter().filter(depends).map(|service| service.name.as_str());
    let backups = stack.backups.iter().filter(|backup| backup.store == *name).map(|backup| backup.name.as_str());
    let pods: Vec<&str> = services.chain(containers.map(|store| store.name.as_str())).chain(backups).collect();
    let (port, more) = (port(stack, name), more(stack, name));
    let answers = (port.is_some() && (public || !pods.is_empty())) || (!more.is_empty() && !pods.is_empty()) || !public_more.is_empty();
    let port = port.filter(|_| public || !pods.is_empty());
    let metrics = metrics(stack, name);
    let answers = answers || metrics.is_some();
    let clients = answers.then(|| Clients { public, public_more, more: if pods.is_empty() { Vec::new() } else { more }, pods, port, metrics });
    Policy { name: name.as_str(), types: Vec::new(), clients, needs: Vec::new(), addresses: Vec::new(), outside: Vec::new(), managed: Vec::new() }
}

/// The port that pods of this name answer on. What ends by itself answers nobody.
fn port(stack: &Stack, name: &ServiceName) -> Option<u16> {
    let store = stack.backing_services.iter().find(|store| store.name == *name && store.server.is_some()).map(|store| store.port);
    let service = stack.service(name).filter(|service| matches!(service.kind, ServiceKind::Web | ServiceKind::Worker));
    store.or_else(|| service?.port).map(crate::values::Port::get)
}

/// The port with the metrics of these pods, where something collects them: a web service without one of that name has them, if it has any, behind
/// its main one.
fn metrics(stack: &Stack, name: &ServiceName) -> Option<u16> {
    stack.targets.kubernetes.as_ref()?.metrics_namespace.as_ref()?;
    let named = ports(stack, name).iter().find(|port| port.name.as_str() == METRICS && port.protocol != Protocol::Udp);
    let web = stack.service(name).filter(|service| service.kind == ServiceKind::Web);
    named.map(|port| port.port.get()).or_else(|| web?.port.map(crate::values::Port::get))
}

/// The further ports of a service or a backing service.
fn ports<'a>(stack: &'a Stack, name: &ServiceName) -> &'a [NamedPort] {
    let lives = |service: &&Service| matches!(service.kind, ServiceKind::Web | ServiceKind::Worker);
    let store = stack.backing_services.iter().find(|store| store.name == *name).map(BackingService::ports);
    store.or(stack.service(name).filter(lives).map(|service| service.ports.as_slice())).unwrap_or_default()
}

/// As policies write them.
fn more(stack: &Stack, name: &ServiceName) -> Vec<More> {
    let protocol = |port: &NamedPort| if port.protocol == Protocol::Udp { "UDP" } else { "TCP" };
    ports(stack, name).iter().map(|port| More { port: port.port.get(), protocol: protocol(port) }).collect()
}

fn needs<'a>(stack: &Stack, depends_on: &'a [Dependency]) -> Vec<Need<'a>> {
    let needs = depends_on.iter().map(|dependency| &dependency.name);
    let needs = needs.map(|name| Need { pod: name.as_str(), port: port(stack, name), more: more(stack, name) });
    needs.filter(|need| need.port.is_some() || !need.more.is_empty()).collect()
}

/// Hosts and ports outside the cluster: addresses exactly, names by their ports.
fn by_port<'a>(targets: impl Iterator<Item = (&'a str, u16)>) -> (Vec<Address>, Vec<Outside<'a>>) {
    let (mut addresses, mut ports) = (Vec::new(), BTreeMap::<u16, Vec<&str>>::new());
    for (host, port) in targets {
        match host.parse::<Ipv4Addr>() {
            Ok(address) => addresses.push(Address { cidr: format!("{address}/32"), port }),
            Err(_) => ports.entry(port).or_default().push(host),
        }
    }
    (addresses, ports.into_iter().map(|(port, hosts)| Outside { hosts, port }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Loader, locate};
    use crate::source::Sources;

    const PROFILE: &str = r#"
version: 1
project: {name: shop}
environment: {kind: production}
services:
  api:
    kind: web
    image: {name: shop/api, tag: "1"}
    port: 8000
    depends_on: {database: healthy, migrate: completed}
    egress: ["smtp.example.com:587", "192.0.2.7:5432", "mail.example.com:587"]
  admin: {kind: web, image: {name: shop/admin, tag: "1"}, port: 9000, depends_on: {api: started}}
  queue: {kind: worker, image: {name: shop/queue, tag: "1"}, depends_on: {admin: started}}
  migrate: {kind: release, image: {name: shop/api, tag: "1"}, depends_on: {database: healthy}}
  alone: {kind: web, image: {name: shop/alone, tag: "1"}, port: 80}
backing_services:
  database: {kind: postgres, version: "17"}
edge:
  hosts: {shop.example.com: {routes: {/: {service: api}}}}
  tls: {kind: files}
observability: {errors: {sentry: {services: [queue]}}}
targets: {kubernetes: {}}
"#;

    fn stack() -> Stack {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(root.path().join("profiles")).expect("a folder in it");
        std::fs::write(root.path().join("profiles/test.yaml"), PROFILE).expect("a file in that");
        let located = locate("test", root.path(), &crate::source::Files::default()).expect("the profile");
        let loaded = Loader::new(root.path()).load(&located, &mut Sources::default()).expect("a sound profile");
        crate::stack::resolve(loaded, "test").expect("a Stack")
    }

    #[test]
    fn policies_are_the_edges_of_the_stack() {
        let stack = stack();
        let policies = policies(&stack);
        let of = |name: &str| policies.iter().find(|policy| policy.name == name);
        let clients = |name: &str| {
            of(name).and_then(|policy| policy.clients.as_ref()).map(|clients| (clients.public, clients.pods.clone(), clients.port.unwrap_or_default()))
        };
        let needs = |name: &str| of(name).map(|policy| policy.needs.iter().map(|need| (need.pod, need.port.unwrap_or_default())).collect::<Vec<_>>());

        assert_eq!(clients("api"), Some((true, vec!["admin"], 8000)));
        assert_eq!(clients("admin"), Some((false, vec!["queue"], 9000)));
        assert_eq!(clients("database"), Some((false, vec!["api", "migrate"], 5432)));
        // What ends by itself answers nobody: nothing leads to it.
        assert_eq!((clients("migrate"), needs("api")), (None, Some(vec![("database", 5432)])));
        assert_eq!(needs("queue"), Some(vec![("admin", 9000)]));
        // Nobody may reach it, and it may reach nobody: what holds for all is enough.
        assert_eq!(of("alone"), None);
        assert_eq!(of("migrate").map(|policy| policy.types.clone()), Some(vec!["Egress"]));
    }

    #[test]
    fn egress_is_exact_where_it_can_be() {
        let stack = stack();
        let policies = policies(&stack);
        let api = policies.iter().find(|policy| policy.name == "api").expect("a policy");
        assert_eq!(api.addresses, [Address { cidr: "192.0.2.7/32".into(), port: 5432 }]);
        assert_eq!(api.outside, [Outside { hosts: vec!["smtp.example.com", "mail.example.com"], port: 587 }]);
        let queue = policies.iter().find(|policy| policy.name == "queue").expect("a policy");
        assert_eq!(queue.outside, [Outside { hosts: vec!["the host that SENTRY_DSN names"], port: 443 }], "what reports errors");
    }
}
