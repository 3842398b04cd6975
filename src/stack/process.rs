//! How a service's process is run, and the ports that it has besides the main one.

use super::resolve::Resolver;
use super::{Build, Publish, Service, Tmpfs};
use crate::key_path::KeyPath;
use crate::profile::model::{self, Protocol, StopSignal};
use crate::values::{Port, PortName, ServiceName, Size, UlimitName};
use serde::Serialize;

/// Where shared memory is.
pub const SHARED_MEMORY: &str = "/dev/shm";

/// How the process of a service is run.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// What is executed in place of the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// True if the engine's own small init is the first process: it passes signals on and buries what nobody waits for.
    pub init: bool,
    /// Size of `/dev/shm`; `None` leaves it to the engine.
    pub shm_size: Option<Size>,
    /// Limits by name, in the order of the profile.
    pub ulimits: Vec<Limit>,
    /// What asks it to stop; `None` leaves it to the image.
    pub stop_signal: Option<StopSignal>,
    /// The name that it has for itself.
    pub hostname: Option<ServiceName>,
}

/// A limit of a process; -1 is none.
#[derive(Clone, Debug, Serialize)]
pub struct Limit {
    /// Its name.
    pub name: UlimitName,
    /// What holds at first.
    pub soft: i64,
    /// What it may be raised to.
    pub hard: i64,
}

/// Name of the further port that metrics are collected from.
pub const METRICS: &str = "metrics";

/// A further port of a service.
#[derive(Clone, Debug, Serialize)]
pub struct NamedPort {
    /// Its name.
    pub name: PortName,
    /// Port that the process listens on.
    pub port: Port,
    /// Its protocol.
    pub protocol: Protocol,
    /// Port of the host that leads there.
    pub publish: Option<Publish>,
}

impl Service {
    /// The ports of the host that lead to it: each with the port that it leads to, and its protocol.
    pub fn published(&self) -> impl Iterator<Item = (&Publish, u16, Protocol)> {
        let main = self.publish.iter().map(|publish| (publish, self.port.map(Port::get).unwrap_or_default(), Protocol::Tcp));
        main.chain(self.ports.iter().filter_map(|port| Some((port.publish.as_ref()?, port.port.get(), port.protocol))))
    }
}

impl Resolver<'_> {
    pub(super) fn process(&mut self, name: &ServiceName, written: &model::Service, build: Option<&Build>, tmpfs: &[Tmpfs]) -> Process {
        let root = ["services", name.as_str()];
        let at = |key| KeyPath::of(&root).key(key);
        if written.entrypoint.is_some() && written.run.is_some() {
            let message = format!("`services.{name}` has `run` and `entrypoint`");
            self.error("contradiction", &at("entrypoint"), message, "the server would not be started", "remove it, or write `command` in place of `run`");
            self.against(&["run"]);
        }
        if written.shm_size.is_some() && tmpfs.iter().any(|folder| folder.path == SHARED_MEMORY) {
            let message = format!("`{SHARED_MEMORY}` of `{name}` is in `tmpfs`, too");
            self.error("name-clash", &at("shm_size"), message, "mounted twice", "remove one of them");
        }
        for (limit, value) in written.ulimits.iter() {
            let above = value.hard != -1 && (value.soft == -1 || value.soft > value.hard);
            if above {
                let path = at("ulimits").key(limit.as_str()).key("soft");
                self.error(
                    "contradiction",
                    &path,
                    format!("the limit `{limit}` starts above its `hard` one"),
                    "above the hard limit",
                    "lower it, or raise `hard`",
                );
                self.against(&["hard"]);
            }
        }
        // Of an image of somebody else's nobody knows whether it has an init of its own, some of which want to be the first process.
        let commands = build.is_some() && written.command.is_some();
        let reason = if commands { "most programs ignore signals as the first process" } else { "the server, or the image, knows how to be the first process" };
        Process {
            entrypoint: written.entrypoint.as_ref().map(|args| args.iter().map(ToString::to_string).collect()),
            init: self.or(&[root[0], root[1], "init"], written.init, commands, reason),
            shm_size: written.shm_size,
            ulimits: written.ulimits.iter().map(|(name, limit)| Limit { name: name.clone(), soft: limit.soft, hard: limit.hard }).collect(),
            stop_signal: written.stop_signal,
            hostname: written.hostname.clone(),
        }
    }

    /// The further ports of a service; `taken` is the name of the main one.
    pub(super) fn named_ports(&mut self, section: &str, name: &ServiceName, written: &model::Ports, main: Option<Port>, taken: &str) -> Vec<NamedPort> {
        let at = |port: &str| KeyPath::of(&[section, name.as_str(), "ports", port]);
        let mut ports: Vec<NamedPort> = Vec::new();
        for (port, value) in written.iter() {
            let path = [section, name.as_str(), "ports", port.as_str()];
            let protocol = self.or(&[path[0], path[1], path[2], path[3], "protocol"], value.protocol, Protocol::Tcp, "most ports have connections");
            if main.is_some() && port.as_str() == taken {
                self.error("name-clash", &at(taken), format!("`{taken}` is the name of `port`"), "taken", "give this port another name");
            }
            let is_main = protocol == Protocol::Tcp && main == Some(value.port);
            if is_main || ports.iter().any(|known| known.port == value.port && known.protocol == protocol) {
                let message = format!("`{name}` listens on port {} already", value.port);
                self.error("port-clash", &at(port.as_str()).key("port"), message, "there twice", "write each port once");
            }
            ports.push(NamedPort { name: port.clone(), port: value.port, protocol, publish: self.publish(&path, value.publish.as_ref()) });
        }
        ports
    }

    /// Other names that services are reached by: each is one service's.
    pub(super) fn aliases(&mut self, services: &[Service]) {
        let mut taken: Vec<&ServiceName> = self.profile.services.keys().chain(self.profile.backing_services.keys()).collect();
        for service in services {
            for (index, alias) in service.aliases.iter().enumerate() {
                let path = KeyPath::of(&["services", service.name.as_str(), "aliases"]).index(index);
                if service.port.is_none() && service.ports.is_empty() {
                    let message = format!("`{}` listens on no port: nobody reaches it by any name", service.name);
                    self.error("missing-key", &path, message, "leads nowhere", "add `port`, or remove the alias");
                }
                if taken.contains(&alias) || (self.profile.edge.is_some() && alias.as_str() == super::EDGE_NAME) {
                    self.error("name-clash", &path, format!("`{alias}` is the name of something else"), "taken", "use another name");
                }
                taken.push(alias);
            }
        }
    }
}
