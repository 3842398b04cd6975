//! The edge lets every client ask as often as it likes.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EdgeField, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-rate-limit",
    severity: Severity::Info,
    applies: Applies::Production,
    what: "The edge lets every client ask as often as it likes",
    why: "One client can take all workers, by accident or on purpose.",
    instead: "Add `rate_limit: { rate: 100/s }` to `edge`, unless a proxy in front does it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let says = stack.targets.kubernetes.as_ref().is_none_or(|target| target.edge_says(EdgeField::RateLimit));
    // Where nothing of what is rendered could say it, the advice would be none.
    if stack.targets.nginx.is_none() && !says {
        return;
    }
    if let Some(edge) = stack.edge.as_ref().filter(|edge| edge.limits.rate_limit.is_none() && edge.trusted_proxies.is_empty()) {
        let host = edge.hosts.first().map(|host| host.name.to_string()).unwrap_or_default();
        found.at(KeyPath::of(&["edge"]), format!("`{host}` has no limit"));
    }
}
