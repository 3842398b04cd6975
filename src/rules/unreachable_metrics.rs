//! Metrics that no policy lets anybody collect.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{METRICS, Protocol, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unreachable-metrics",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "Metrics that nobody may collect",
    why: "Network policies let in what the profile names, and a collector in another namespace is not named: its requests time out, and its graphs stay empty.",
    instead: "Say where it runs: `metrics_namespace: monitoring` below `targets.kubernetes`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(target) = stack.targets.kubernetes.as_ref().filter(|target| target.network_policies && target.metrics_namespace.is_none()) else { return };
    let services = stack.services.iter().map(|service| ("services", &service.name, service.ports.as_slice()));
    let stores = stack.backing_services.iter().map(|store| ("backing_services", &store.name, store.ports()));
    for (section, name, ports) in services.chain(stores) {
        if ports.iter().any(|port| port.name.as_str() == METRICS && port.protocol != Protocol::Udp) {
            let message = format!("no policy of the namespace `{}` lets a collector in to `{name}`", target.namespace);
            found.at(KeyPath::of(&[section, name.as_str(), "ports", METRICS]), message);
        }
    }
}
