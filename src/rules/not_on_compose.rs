//! A key that means something on a cluster only.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, BackingService, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "not-on-compose",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A key that the Compose file cannot say",
    why: "On one host nobody watches the load, so there are always as many instances as `autoscale.min` says; nobody sets a volume's size; and the engine asks a store by a command alone.",
    instead: "Leave the key out, unless the profile is for a cluster as well.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    for service in stack.services.iter().filter(|service| service.autoscale.is_some()) {
        let path = KeyPath::of(&["services", service.name.as_str(), "autoscale"]);
        found.at(
            path,
            format!("on one host there are always {} instances of `{}`, as `replicas: {}` would say", service.replicas, service.name, service.replicas),
        );
    }
    // With both targets, the cluster does what they say.
    if stack.targets.kubernetes.is_none() {
        for path in ON_A_CLUSTER.iter().flat_map(|form| stack.origins.written(form)).filter(|path| !is_tuned_by(stack, path)) {
            found.at(path.clone(), format!("`{path}` holds on Kubernetes only, which is no target here"));
        }
    }
}

/// Keys that only manifests say.
const ON_A_CLUSTER: [&str; 12] = [
    "backing_services.*.addresses",
    "services.*.health.live_command",
    "services.*.kubernetes",
    "backing_services.*.kubernetes",
    "services.*.volumes.*.size",
    "backing_services.*.health.headers",
    "backing_services.*.health.live",
    "backing_services.*.health.live_command",
    "backing_services.*.health.port",
    "backing_services.*.storage",
    "backing_services.*.volumes.*.size",
    "backups.*.destination.size",
];

/// True for the volume of a PostgreSQL server, which is tuned to it on one host, too.
fn is_tuned_by(stack: &Stack, path: &KeyPath) -> bool {
    let is_it = |store: &BackingService| *path == KeyPath::of(&["backing_services", store.name.as_str(), "storage"]);
    stack.backing_services.iter().any(|store| is_it(store) && matches!(store.kind, Backing::Postgres { .. }))
}
