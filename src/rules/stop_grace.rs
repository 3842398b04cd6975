//! A service is killed before its running requests end.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "stop-grace",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A service is killed before its running requests end",
    why: "`stop_grace` is not longer than the graceful timeout: SIGKILL comes while requests are still answered.",
    instead: "Make `stop_grace` some seconds longer than `run.graceful_timeout`, or leave it out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        if let Command::Gunicorn { graceful_timeout, .. } = &service.command {
            if service.stop_grace <= *graceful_timeout {
                let message = format!("`{}` is killed after {}, its requests may take {graceful_timeout}", service.name, service.stop_grace);
                found.at(KeyPath::of(&["services", service.name.as_str(), "stop_grace"]), message);
            }
        }
    }
}
