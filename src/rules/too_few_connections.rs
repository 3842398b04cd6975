//! PostgreSQL may have to refuse a connection.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "too-few-connections",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "PostgreSQL may have to refuse a connection",
    why: "Pools fill up under load: in the middle of a roll-out both releases hold theirs, and the next connection is refused.",
    instead: "Raise `max_connections` or leave it out, or lower `pools`, `replicas` or `workers`; for a managed server take a larger one, or a pooler.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let Some(connections) = &store.connections else { continue };
        if let Some(limit) = connections.limit.filter(|limit| *limit < connections.wanted()) {
            let message =
                format!("`{}` accepts {limit} connections, but {} may be wanted: {}", store.name, connections.wanted(), connections.terms().join(", "));
            found.at(KeyPath::of(&["backing_services", store.name.as_str(), "max_connections"]), message);
        }
    }
}
