//! The proxy gives up before the application does.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "proxy-timeout",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The proxy gives up before the application does",
    why: "Users see the proxy's 504 while the application still works on an answer that nobody gets.",
    instead: "Make `edge.timeout` longer than `run.timeout`, or leave it out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = &stack.edge else { return };
    for service in stack.routed() {
        if let Command::Gunicorn { timeout, .. } = &service.command {
            if edge.timeout <= *timeout {
                found.at(KeyPath::of(&["edge", "timeout"]), format!("the edge waits {}, but `{}` may take {timeout}", edge.timeout, service.name));
            }
        }
    }
}
