//! More worker processes than the CPU can feed.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Stack};
use crate::values::Workers;

/// The rule.
pub const RULE: Rule = Rule {
    id: "too-many-workers",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "More worker processes than the CPU can feed",
    why: "They take memory and wait for each other; answers get slower, not faster.",
    instead: "Leave `workers: auto`, or raise `resources.limits.cpu`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let Command::Gunicorn { workers: Workers::Count(count), .. } = service.command else { continue };
        let cores = service.resources.limit_cpu.as_millis().div_ceil(1000);
        if count > cores * 4 + 1 {
            let path = KeyPath::of(&["services", service.name.as_str(), "run", "workers"]);
            found.at(path, format!("`{}` has {count} workers and {} CPU", service.name, service.resources.limit_cpu.cores()));
        }
    }
}
