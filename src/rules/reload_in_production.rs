//! The server looks for changed files.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "reload-in-production",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "The server looks for changed files",
    why: "It has one process, watches the whole tree, and restarts when anything is written there.",
    instead: "Remove `reload`, or set it in the development profile only.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        if let Command::Uvicorn { reload: true, .. } = service.command {
            found.at(KeyPath::of(&["services", service.name.as_str(), "run", "reload"]), format!("`{}` reloads", service.name));
        }
    }
}
