//! Browsers keep to HTTPS for a short time only.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Stack, TlsKind};
use crate::values::Duration;

/// The rule.
pub const RULE: Rule = Rule {
    id: "short-hsts",
    severity: Severity::Info,
    applies: Applies::Production,
    what: "Browsers keep to HTTPS for a short time only",
    why: "Whoever comes back later than that can be led to plain HTTP once more.",
    instead: "Raise `edge.hsts` when all hosts are known to work with HTTPS, or leave it out.",
    check,
};

/// Half a year: what auditors ask for at the least.
const LEAST: Duration = Duration::seconds(180 * 86_400);

fn check(stack: &Stack, found: &mut Findings) {
    if let Some(edge) = stack.edge.as_ref().filter(|edge| edge.tls != TlsKind::None && edge.hsts < LEAST) {
        found.at(KeyPath::of(&["edge", "hsts"]), format!("{} is short", edge.hsts));
    }
}
