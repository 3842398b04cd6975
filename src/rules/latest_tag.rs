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
    let services = stack.services.iter().map(|service| ("services", &service.name, &service.image));
    let containers = stack.backing_services.iter().filter_map(|store| Some(("backing_services", &store.name, &store.kind.container()?.image)));
    for (section, name, image) in services.chain(containers) {
        let tag = image.tag.as_str();
        if matches!(tag, "latest" | "stable" | "main" | "master" | "edge" | "nightly") {
            found.at(KeyPath::of(&[section, name.as_str(), "image", "tag"]), format!("`{name}` runs the tag `{tag}`, which moves"));
        }
    }
}
