//! How many instances there are by their load.

use super::resolve::Resolver;
use super::{Service, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::ServiceName;
use serde::Serialize;

/// How many instances there are by their load; the least of them are the service's replicas.
#[derive(Clone, Debug, Serialize)]
pub struct Autoscale {
    /// Instances at most.
    pub max: u32,
    /// Percent of the requested CPU.
    pub cpu: Option<u32>,
    /// Percent of the requested memory.
    pub memory: Option<u32>,
}

impl Service {
    /// Instances at most, not counting those of a roll-out.
    pub fn most_replicas(&self) -> u32 {
        self.autoscale.as_ref().map_or(self.replicas, |autoscale| autoscale.max)
    }
}

impl Resolver<'_> {
    pub(super) fn autoscale(&mut self, name: &ServiceName, service: &model::Service) -> Option<Autoscale> {
        let written = service.autoscale.as_ref()?;
        let at = KeyPath::of(&["services", name.as_str(), "autoscale"]);
        if service.replicas.is_some() {
            self.error("contradiction", &at, format!("`{name}` has `replicas` and `autoscale`"), "only one can decide", "remove one of them");
            self.against(&["replicas"]);
        }
        if service.singleton == Some(true) {
            self.error("contradiction", &at, format!("`{name}` is a singleton"), "more than one", "remove it, or `singleton`");
            self.against(&["singleton"]);
        }
        if written.min >= written.max {
            let message = format!("at least {} instances and at most {}", written.min, written.max);
            self.error("contradiction", &at.key("max"), message, "nothing to choose", "write a `max` above `min`, or `replicas` in place of `autoscale`");
            self.against(&["min"]);
        }
        let cpu = written.cpu.or_else(|| {
            let default = written.memory.is_none().then_some(defaults::AUTOSCALE_CPU);
            let (shown, reason) = match default {
                Some(percent) => (percent.to_string(), "room for what comes while the next one starts"),
                None => ("not looked at".to_owned(), "memory decides"),
            };
            self.origins.default_taken(at.key("cpu"), shown, reason);
            default
        });
        if written.memory.is_none() {
            self.origins.default_taken(at.key("memory"), "not looked at".into(), "most programs keep the memory that they once had");
        }
        Some(Autoscale { max: written.max, cpu, memory: written.memory })
    }
}
