//! A limit that the edge of a cluster has no word for.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EdgeField, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "limit-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A limit that the edge of the cluster cannot say",
    why: "An Ingress has limits and time-outs only by annotations of its controller, and infragen knows those of ingress-nginx; Gateway API has no limits of bodies and clients. There the key changes nothing.",
    instead: "Set it where the controller or the Gateway is configured and accept this with a waiver; or use a controller that reads the annotations of ingress-nginx (`ingress_controller: ingress_nginx`).",
    check,
};

const LIMITS: [(&str, EdgeField); 4] =
    [("body_size", EdgeField::BodySize), ("rate_limit", EdgeField::RateLimit), ("timeout", EdgeField::Timeout), ("streaming", EdgeField::Streaming)];

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(edge), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    let routes = edge.hosts.iter().flat_map(|host| host.routes.iter().map(move |route| ["edge", "hosts", host.name.as_str(), "routes", route.path.as_str()]));
    let places = std::iter::once(KeyPath::of(&["edge"])).chain(routes.map(|path| KeyPath::of(&path)));
    for (place, (key, _)) in places.flat_map(|place| LIMITS.iter().filter(|(_, field)| !target.edge_says(*field)).map(move |limit| (place.clone(), *limit))) {
        let path = place.key(key);
        if stack.origins.is_written(&path) {
            found.at(path.clone(), format!("the {} cannot say `{path}`", target.edge_name()));
        }
    }
}
