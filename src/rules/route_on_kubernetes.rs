//! An Ingress has no word for other paths than those that were asked for.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "route-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A route that an Ingress cannot say",
    why: "An Ingress takes no prefix away and redirects nobody: each controller has annotations of its own for it. The manifests leave such a route out, and the next shorter one answers.",
    instead: "Let the service know its prefix, or send the redirect itself; or accept it with a waiver, if the cluster's controller is configured for it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = stack.edge.as_ref().filter(|_| stack.targets.kubernetes.is_some()) else { return };
    for host in &edge.hosts {
        for route in &host.routes {
            let key = match &route.action {
                RouteAction::Redirect { .. } => "redirect",
                RouteAction::Service { strip_prefix: true, .. } => "strip_prefix",
                RouteAction::Service { .. } | RouteAction::Files { .. } => continue,
            };
            let path = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), key]);
            found.at(path, format!("the Ingress leaves `{}{}` out", host.name, route.path));
        }
    }
}
