//! An image has a tag that moves.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "latest-tag",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "An image has a tag that moves",
    why: "The same files start another program tomorrow, and nobody can go back to what ran yesterday.",
    instead: "Name a version: `tag: \"1.4.0\"`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let tag = service.image.tag.as_str();
        if matches!(tag, "latest" | "stable" | "main" | "master" | "edge" | "nightly") {
            found.at(KeyPath::of(&["services", service.name.as_str(), "image", "tag"]), format!("`{}` runs the tag `{tag}`, which moves", service.name));
        }
    }
}
