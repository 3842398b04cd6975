//! What a route asks for and the edge of a cluster has no word for.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EdgeField, RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "route-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A route that the edge of the cluster cannot say",
    why: "An Ingress takes no prefix away and redirects nobody, and one without annotations knows no gRPC; neither does an HTTPRoute. The manifests leave such a route out, and the next shorter one answers.",
    instead: "Name a Gateway (`targets.kubernetes.gateway`), which strips prefixes and redirects; or let the service do it itself; or accept it with a waiver, if the cluster's controller is configured for it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(edge), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    for host in &edge.hosts {
        for route in &host.routes {
            let wanted = match &route.action {
                RouteAction::Redirect { .. } => &[("redirect", EdgeField::Redirect)][..],
                RouteAction::Service { strip_prefix: Some(_), .. } => &[("strip_prefix", EdgeField::StripPrefix)],
                RouteAction::Service { grpc: true, .. } => &[("grpc", EdgeField::Grpc)],
                RouteAction::Service { .. } | RouteAction::Files { .. } => &[],
            };
            for (key, _) in wanted.iter().filter(|(_, field)| !target.edge_says(*field)) {
                let path = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), key]);
                found.at(path, format!("the {} leaves `{}{}` out", target.edge_name(), host.name, route.path));
            }
        }
    }
}
