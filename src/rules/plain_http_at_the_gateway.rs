//! Routes that hang on every listener of a Gateway.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Stack, TlsKind};

/// The rule.
pub const RULE: Rule = Rule {
    id: "plain-http-at-the-gateway",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Routes that no listener of the Gateway is named for",
    why: "They hang on every listener that lets them, that of port 80 too: the application answers without TLS there, beside the owner's redirection.",
    instead: "Name the listener that has the certificate: `listener: https`, or as the Gateway's owner calls it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(gateway) = stack.targets.kubernetes.as_ref().and_then(|target| target.gateway.as_ref()) else { return };
    if gateway.listener.is_none() && stack.edge.as_ref().is_some_and(|edge| edge.tls != TlsKind::None) {
        let message = format!("the routes hang on every listener of the Gateway `{}`, with TLS or without", gateway.name);
        found.at(KeyPath::of(&["targets", "kubernetes", "gateway"]), message);
    }
}
