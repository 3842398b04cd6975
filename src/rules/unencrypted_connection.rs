//! A connection to a managed service is not encrypted.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "unencrypted-connection",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A connection to a managed service is not encrypted",
    why: "Passwords and data cross a network that belongs to somebody else.",
    instead: "Remove `tls: false`, unless the network between is your own.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in stack.backing_services.iter().filter(|store| store.server.is_none() && !store.tls) {
        found.at(KeyPath::of(&["backing_services", store.name.as_str(), "tls"]), format!("`{}` is reached without TLS", store.name));
    }
}
