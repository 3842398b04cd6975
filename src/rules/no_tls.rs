//! The edge has no TLS and trusts no proxy in front.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Stack, TlsKind};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-tls",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "The edge has no TLS and trusts no proxy in front",
    why: "Passwords and sessions cross the network readable.",
    instead: "Use `tls: { kind: files }`, or name the proxy that ends TLS in `trusted_proxies`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.edge.as_ref().is_some_and(|edge| edge.tls == TlsKind::None && edge.trusted_proxies.is_empty()) {
        found.at(KeyPath::of(&["edge", "tls", "kind"]), "users reach the edge without TLS".to_owned());
    }
}
