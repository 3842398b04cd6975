//! A key that means something on one host only.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EdgeField, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "not-on-kubernetes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A key that the manifests cannot say",
    why: "On a cluster somebody else decides over it: the kubelet over logs, limits of processes and how they are stopped, the Ingress controller over HSTS and whom it trusts.",
    instead: "Configure the cluster, if it does not do so already; or leave the key out, unless the profile is for one host as well.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(target) = &stack.targets.kubernetes else { return };
    let hsts = ["edge.hsts"].iter().filter(|_| !target.edge_says(EdgeField::Hsts));
    // Where the host is a target, too, they hold for its certificates: `acme-on-kubernetes` says whose those of the cluster are.
    let is_of_host = |form: &&&str| stack.targets.compose.is_some() && form.starts_with("edge.tls.");
    for path in ON_ONE_HOST.iter().filter(|form| !is_of_host(form)).chain(hsts).flat_map(|form| stack.origins.written(form)) {
        found.at(path.clone(), format!("`{path}` holds on one host only, not on Kubernetes"));
    }
    // With both targets, Compose does what they say.
    if stack.targets.compose.is_none() {
        for path in FOR_COMPOSE.iter().flat_map(|form| stack.origins.written(form)) {
            let is_build = path.0.get(2).is_some_and(|key| key.to_string() == "build");
            let help = if is_build {
                "Nothing is to be done where CI builds the image and pushes it: the manifests name it. Leave `build` out unless the profile is for one host as well."
            } else {
                "Say the same in the words of Kubernetes, in `kubernetes` at the service; or leave it out, unless the profile is for one host as well."
            };
            found.with_help(path.clone(), format!("`{path}` holds for Compose only, which is no target here"), help.into());
        }
    }
}

/// What somebody else decides on a cluster.
const ON_ONE_HOST: [&str; 15] = [
    "services.*.publish",
    "services.*.ports.*.publish",
    "services.*.stop_signal",
    "services.*.init",
    "services.*.ulimits.*",
    "backing_services.*.publish",
    "backing_services.*.ports.*.publish",
    "edge.tls.email",
    "edge.tls.directory",
    "edge.tls.ca",
    "edge.trusted_proxies",
    "observability.logs.driver",
    "observability.logs.options",
    "observability.logs.max_size",
    "observability.logs.max_file",
];

/// What manifests have other words for, or leave to who builds the images.
const FOR_COMPOSE: [&str; 3] = ["services.*.compose", "services.*.build.dockerfile", "services.*.build.target"];
