//! A NetworkPolicy knows no host names.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "egress-by-name",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A NetworkPolicy knows no host names",
    why: "Addresses behind a name change. So Kubernetes opens the port to every public address, and to no private one: there the cluster and its neighbours are.",
    instead: "Name its address where it is fixed, and where it is a private one, or use a policy of your network plugin.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.kubernetes.is_none() {
        return;
    }
    let services = stack.services.iter().map(|service| ("services", &service.name, &service.egress));
    let containers = stack.backing_services.iter().filter_map(|store| Some(("backing_services", &store.name, &store.kind.container()?.egress)));
    for (section, name, egress) in services.chain(containers) {
        for (at, target) in egress.iter().enumerate() {
            if target.as_str().contains(|c: char| c.is_ascii_alphabetic()) {
                let path = KeyPath::of(&[section, name.as_str(), "egress"]).index(at);
                found.at(path, format!("on Kubernetes `{name}` may reach port {} of any host with a public address, not only `{target}`", target.port()));
            }
        }
    }
    let reporters: Vec<&str> = stack.services.iter().filter(|service| service.reports_errors).map(|service| service.name.as_str()).collect();
    if !reporters.is_empty() {
        let path = KeyPath::of(&["observability", "errors", "sentry"]);
        found.at(
            path,
            format!("on Kubernetes `{}` may reach port 443 of any host with a public address, not only that of `SENTRY_DSN`", reporters.join("`, `")),
        );
    }
}
