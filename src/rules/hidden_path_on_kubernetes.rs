//! What the edge keeps inside may be let through by a controller that is not known.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{IngressController, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "hidden-path-on-kubernetes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A path is kept inside in a way that some controllers do not know",
    why: "An Ingress has no word for a path that nobody may ask. It leads to a Service without pods: most controllers answer 503, but Traefik, unless it has `allowEmptyServices` (as its chart sets it), leaves the path out, and the next shorter one answers.",
    instead: "Ask the controller for the path when it is deployed: it has to answer 503 or 404. Then accept this with a waiver; or name a Gateway (`targets.kubernetes.gateway`).",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(edge), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    if target.gateway.is_some() || target.ingress_controller != IngressController::Other {
        return;
    }
    let mut hidden: Vec<String> = edge.hosts.iter().flat_map(|host| &host.hidden).map(|hidden| format!("`{}`", hidden.path)).collect();
    hidden.sort();
    hidden.dedup();
    if !hidden.is_empty() {
        let path = KeyPath::of(&["targets", "kubernetes", "ingress_controller"]);
        found.at(path, format!("whether {} can be asked from outside is up to the controller", hidden.join(", ")));
    }
}
