//! A key that means something on one host only.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EdgeField, Origin, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "not-on-kubernetes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A key that the manifests cannot say",
    why: "On a cluster somebody else decides over it: the kubelet over logs, limits of processes and how they are stopped, the Ingress controller over HSTS, bursts and whom it trusts.",
    instead: "Nothing, if the cluster does it already; otherwise configure the cluster.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(target) = &stack.targets.kubernetes else { return };
    let services = stack.services.iter().flat_map(|service| {
        let at = |key| KeyPath::of(&["services", service.name.as_str(), key]);
        let limits = service.process.ulimits.iter().map(move |limit| at("ulimits").key(limit.name.as_str()));
        let published = service.ports.iter().map(move |port| at("ports").key(port.name.as_str()).key("publish"));
        let init = service.process.init.then(|| at("init"));
        [at("publish"), at("stop_signal")].into_iter().chain(init).chain(limits).chain(published)
    });
    let stores = stack.backing_services.iter().flat_map(|store| {
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        let published = store.ports().iter().map({
            let root = root.clone();
            move |port| root.key("ports").key(port.name.as_str()).key("publish")
        });
        [root.key("publish")].into_iter().chain(published)
    });
    let others = [
        &["edge", "tls", "email"][..],
        &["edge", "tls", "directory"],
        &["edge", "tls", "ca"],
        &["edge", "trusted_proxies"],
        &["edge", "rate_limit", "burst"],
        &["observability", "logs", "driver"],
        &["observability", "logs", "max_size"],
        &["observability", "logs", "max_file"],
    ];
    let hsts = (!target.edge_says(EdgeField::Hsts)).then(|| KeyPath::of(&["edge", "hsts"]));
    for path in services.chain(stores).chain(hsts).chain(others.map(KeyPath::of)) {
        if matches!(stack.origins.get(&path), Some(Origin::Written(_))) {
            found.at(path.clone(), format!("`{path}` holds on one host only, not on Kubernetes"));
        }
    }
}
