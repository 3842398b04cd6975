//! What holds between services: one image has one build, what is waited for comes, a port of the host has one owner.

use super::resolve::Resolver;
use super::{BackingService, Build, Command, Condition, Image, OwnBuild, Protocol, Service, ServiceKind, TlsKind};
use crate::key_path::KeyPath;
use crate::values::ServiceName;
use std::collections::BTreeMap;

impl Resolver<'_> {
    /// Services with one image share one build: the first that does not take it from another owns it.
    pub(super) fn owners(&mut self, services: &mut [Service]) {
        let profile = self.profile;
        // What is like one that is switched off has the image to itself.
        let is_there = |like: &ServiceName| profile.services.contains_key(like);
        let borrows = |name: &ServiceName| profile.services.get(name).is_some_and(|written| written.like.as_ref().is_some_and(is_there));
        let owners: Vec<(Image, ServiceName, Option<Build>, Option<OwnBuild>)> = services
            .iter()
            .filter(|service| !borrows(&service.name))
            .map(|service| (service.image.clone(), service.name.clone(), service.build.clone(), service.own_build.clone()))
            .collect();
        for service in services.iter_mut() {
            let Some((_, owner, build, own_build)) = owners.iter().find(|(image, ..)| *image == service.image) else { continue };
            if *build != service.build || *own_build != service.own_build {
                let path = KeyPath::of(&["services", service.name.as_str(), "build"]);
                let message = format!("`{owner}` and `{}` have one image, but are not built in one way", service.name);
                self.error("contradiction", &path, message, "another build", &format!("use `like: {owner}`, or give it an image name of its own"));
            }
            if *owner != service.name && matches!(service.command, Command::Gunicorn { .. } | Command::Uvicorn { .. }) {
                let path = KeyPath::of(&["services", service.name.as_str(), "run"]);
                let message = format!("`{}` runs the image of `{owner}`, which starts the server of `{owner}`", service.name);
                self.error("contradiction", &path, message, "never started", "write `command: [...]`, or give it an image name of its own");
            }
            service.image_owner = owner.clone();
        }
    }

    /// What can be healthy only if somebody looks.
    pub(super) fn healthy_dependencies(&mut self, services: &[Service]) {
        for service in services {
            for dependency in &service.depends_on {
                let Some(other) = services.iter().find(|other| other.name == dependency.name) else { continue };
                let lives = matches!(other.kind, ServiceKind::Web | ServiceKind::Worker);
                if lives && dependency.condition == Condition::Healthy && !other.has_engine_check() {
                    let path = depends_on(service, &other.name);
                    let message = format!("`{}` can never be healthy: it has no check that the container engine can run", other.name);
                    let help = format!("write `started`, or add `services.{}.health.command`", other.name);
                    self.error("contradiction", &path, message, "never true", &help);
                }
            }
        }
    }

    /// Services that wait for each other never start.
    pub(super) fn cycles(&mut self, services: &[Service]) {
        let mut settled: Vec<&ServiceName> = Vec::new();
        for service in services {
            let mut trail = Vec::new();
            if let Some(cycle) = walk(services, service, &mut trail, &mut settled) {
                let path = depends_on(cycle[cycle.len() - 2], &cycle[cycle.len() - 1].name);
                let names: Vec<&str> = cycle.iter().map(|service| service.name.as_str()).collect();
                let message = format!("services wait for each other: {}", names.join(" -> "));
                self.error("dependency-cycle", &path, message, "this closes the circle", "let one of them start without the other");
                for (service, next) in cycle.iter().zip(&cycle[1..]) {
                    let step = depends_on(service, &next.name);
                    if step != path {
                        self.also(&step, "waits, too");
                    }
                }
                return;
            }
        }
    }

    /// True for a reference to a service of the user's own, which is reported: it has no values, and its address is known.
    pub(super) fn is_own_service(&mut self, name: &str, path: &KeyPath) -> bool {
        let profile = self.profile;
        let Some((service, written)) = profile.services.iter().find(|(known, _)| known.as_str() == name) else { return false };
        let message = format!("`{service}` is a service of your own: only backing services have values to refer to");
        let address = written.port.map_or_else(|| service.to_string(), |port| format!("http://{service}:{port}"));
        // Who waits for it already is told nothing of that.
        let waits = match path.0.as_slice() {
            [_, crate::key_path::Segment::Key(user), ..] => {
                profile.services.iter().any(|(known, written)| known.as_str() == user && written.depends_on.iter().any(|(other, _)| other == service))
            }
            _ => false,
        };
        let wait = if waits { String::new() } else { format!(", and `depends_on: {{{service}: started}}` where this one cannot start without it") };
        let help = format!("write its address, `{address}`{wait}");
        self.error("unknown-reference", path, message, "refers to a service", &help);
        true
    }

    /// Two listeners on one port of the host: the second does not start.
    pub(super) fn host_ports(&mut self, services: &[Service], backing: &[BackingService]) {
        let mut owners: BTreeMap<(u16, Protocol), (String, KeyPath)> = BTreeMap::new();
        if let (Some(edge), Some(compose)) = (&self.profile.edge, &self.profile.targets.compose) {
            let http = compose.http_port.map_or(super::defaults::HTTP_PORT, crate::values::Port::get);
            let at = |key| KeyPath::of(&["targets", "compose", key]);
            owners.insert((http, Protocol::Tcp), ("the edge".into(), at("http_port")));
            if TlsKind::of(&edge.tls).ends_here() {
                let https = compose.https_port.map_or(super::defaults::HTTPS_PORT, crate::values::Port::get);
                owners.insert((https, Protocol::Tcp), ("the edge".into(), at("https_port")));
            }
        }
        let own = services.iter().flat_map(|service| {
            let path = KeyPath::of(&["services", service.name.as_str()]);
            let main = service.publish.iter().map({
                let path = path.clone();
                move |publish| (path.clone(), &service.name, publish, Protocol::Tcp)
            });
            main.chain(
                service
                    .ports
                    .iter()
                    .filter_map(move |port| Some((path.key("ports").key(port.name.as_str()), &service.name, port.publish.as_ref()?, port.protocol))),
            )
        });
        let stores = backing.iter().flat_map(|store| {
            let path = KeyPath::of(&["backing_services", store.name.as_str()]);
            let main = store.server.iter().filter_map(|server| server.publish.as_ref()).map({
                let path = path.clone();
                move |publish| (path.clone(), &store.name, publish, Protocol::Tcp)
            });
            let more = store.ports().iter();
            main.chain(more.filter_map(move |port| Some((path.key("ports").key(port.name.as_str()), &store.name, port.publish.as_ref()?, port.protocol))))
        });
        for (path, name, publish, protocol) in own.chain(stores) {
            let port = (publish.port.get(), protocol);
            let at = path.key("publish").key("port");
            if let Some((owner, first)) = owners.get(&port) {
                let message = format!("port {} of the host is taken by {owner}", publish.port);
                self.error("port-clash", &at, message, "taken", "publish it on another port");
                self.also(first, "the first");
            }
            owners.insert(port, (format!("`{name}`"), at));
        }
        for service in services.iter().filter(|service| service.replicas > 1) {
            let root = KeyPath::of(&["services", service.name.as_str()]);
            let path = match service.ports.iter().find(|port| port.publish.is_some()) {
                _ if service.publish.is_some() => root.key("publish"),
                Some(port) => root.key("ports").key(port.name.as_str()).key("publish"),
                None => continue,
            };
            let message = format!("`{}` has {} replicas, and only one of them can have the port", service.name, service.replicas);
            let scaled = root.key("autoscale");
            let step = match self.origins.take_out(&scaled) {
                _ if !self.origins.is_written(&scaled) => "set `replicas: 1`".to_owned(),
                Some(step) => step,
                None => "remove `autoscale`".to_owned(),
            };
            self.error("port-clash", &path, message, "one port", &format!("remove `publish` and route to it by `edge`, or {step}"));
            self.also(&root.key("replicas"), "more than one");
            self.also(&scaled, "more than one");
        }
    }
}

fn depends_on(service: &Service, other: &ServiceName) -> KeyPath {
    KeyPath::of(&["services", service.name.as_str(), "depends_on", other.as_str()])
}

/// The way from a service back to one on the way, if there is one.
fn walk<'a>(services: &'a [Service], service: &'a Service, trail: &mut Vec<&'a Service>, settled: &mut Vec<&'a ServiceName>) -> Option<Vec<&'a Service>> {
    if let Some(start) = trail.iter().position(|earlier| earlier.name == service.name) {
        let mut cycle = trail[start..].to_vec();
        cycle.push(service);
        return Some(cycle);
    }
    if settled.contains(&&service.name) {
        return None;
    }
    trail.push(service);
    for dependency in &service.depends_on {
        let Some(next) = services.iter().find(|other| other.name == dependency.name) else { continue };
        if let Some(cycle) = walk(services, next, trail, settled) {
            return Some(cycle);
        }
    }
    trail.pop();
    settled.push(&service.name);
    None
}
