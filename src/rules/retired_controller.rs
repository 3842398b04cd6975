//! The Ingress is for a controller that nobody maintains any more.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{IngressController, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "retired-controller",
    severity: Severity::Info,
    applies: Applies::Deployed,
    what: "The Ingress is for ingress-nginx, which is not maintained any more",
    why: "Its last release was in March 2026: holes that become known in it stay open, and it faces the public.",
    instead: "Write `gateway: {name: public, namespace: gateways, listener: https}`, for a Gateway that the cluster has; `ingress_controller: other`, for any other controller; or `ingress_controller: ingress_nginx`, for one that is maintained and reads these annotations.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(_), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    let path = KeyPath::of(&["targets", "kubernetes", "ingress_controller"]);
    // Whoever writes it has decided.
    if target.gateway.is_none() && target.ingress_controller == IngressController::IngressNginx && !stack.origins.is_written(&path) {
        let message = "nobody maintains ingress-nginx, whose annotations the Ingress has".to_owned();
        // A Gateway has none of what belongs to an Ingress.
        let of_an_ingress = ["cluster_issuer", "ingress_class"].into_iter().filter(|key| stack.origins.is_written(&path.parent().key(*key)));
        match super::quoted(of_an_ingress) {
            none if none.is_empty() => found.at(path, message),
            keys => found.with_help(path, message, RULE.instead.replacen(", for a Gateway", &format!(" in place of {keys}, for a Gateway"), 1)),
        }
    }
}
