//! A NetworkPolicy knows no host names.

use super::{Applies, Findings, Rule, quoted};
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
    // What several have is said once, at the first one.
    let mut targets: Vec<(&str, u16, KeyPath, Vec<&str>)> = Vec::new();
    for (section, name, egress) in services.chain(containers) {
        for (at, target) in egress.iter().enumerate().filter(|(_, target)| target.as_str().contains(|c: char| c.is_ascii_alphabetic())) {
            match targets.iter_mut().find(|known| known.0 == target.as_str()) {
                Some((.., names)) => names.push(name.as_str()),
                None => targets.push((target.as_str(), target.port(), KeyPath::of(&[section, name.as_str(), "egress"]).index(at), vec![name.as_str()])),
            }
        }
    }
    for (target, port, path, names) in targets {
        let names = quoted(names);
        found.at(path, format!("on Kubernetes {names} may reach port {port} of any host with a public address, not only `{target}`"));
    }
    let reporters: Vec<&str> = stack.services.iter().filter(|service| service.reports_errors).map(|service| service.name.as_str()).collect();
    if !reporters.is_empty() {
        let path = KeyPath::of(&["observability", "errors", "sentry"]);
        found.at(path, format!("on Kubernetes {} may reach port 443 of any host with a public address, not only that of `SENTRY_DSN`", quoted(reporters)));
    }
}
