//! No target runs what the profile describes.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "nothing-runs",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "No target runs the services",
    why: "Without Compose and Kubernetes, what the profile says of health, resources, volumes, backups and networks reaches no file.",
    instead: "Add `compose: {}` or `kubernetes: {version: \"1.34\"}` to `targets`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() && stack.targets.kubernetes.is_none() {
        found.at(
            KeyPath::of(&["targets"]),
            "neither `compose` nor `kubernetes` is a target: what is said of health, resources, volumes and networks reaches no file".into(),
        );
    }
}
