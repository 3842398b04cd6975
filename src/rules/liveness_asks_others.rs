//! The liveness check is the readiness check.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "liveness-asks-others",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The liveness check is the readiness check",
    why: "When the database is away, every instance is restarted again and again, and none is there when it is back.",
    instead: "Let `live` look at the process alone, or leave it out: then a TCP connection is tried.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.health.live.is_some() && service.health.live == service.health.ready) {
        found.at(KeyPath::of(&["services", service.name.as_str(), "health", "live"]), format!("`{}` has one path for both", service.name));
    }
}
