//! Nothing gets the certificate on Kubernetes.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Stack, TlsKind};

/// The rule.
pub const RULE: Rule = Rule {
    id: "acme-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Nothing gets the certificate on Kubernetes",
    why: "On one host a container gets it; an Ingress gets none by itself, and its controller answers with a certificate of its own, which nobody trusts.",
    instead: "Install cert-manager and name its issuer: `targets.kubernetes.cluster_issuer: NAME`. With a `gateway` there is none to name: its listener has the certificate.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let (Some(edge), Some(target)) = (&stack.edge, &stack.targets.kubernetes) else { return };
    if edge.tls == TlsKind::Acme && target.cluster_issuer.is_none() && target.gateway.is_none() {
        found.at(KeyPath::of(&["edge", "tls", "kind"]), format!("on Kubernetes nothing makes the Secret `{}-tls` with the certificate", stack.project));
    }
}
