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
    let services = stack.services.iter().map(|service| ("services", &service.name, service.image.tag.as_str()));
    // Without the digest: what is pinned moves no more.
    let tag = |image: &'_ str| image.rsplit_once(':').map(|(_, tag)| tag.to_owned()).filter(|_| !image.contains('@'));
    let stores = stack.backing_services.iter().filter_map(|store| Some(("backing_services", &store.name, tag(&store.server.as_ref()?.image)?)));
    for (section, name, tag) in services.map(|(section, name, tag)| (section, name, tag.to_owned())).chain(stores) {
        if matches!(tag.as_str(), "latest" | "stable" | "main" | "master" | "edge" | "nightly") {
            found.at(KeyPath::of(&[section, name.as_str(), "image", "tag"]), format!("`{name}` runs the tag `{tag}`, which moves"));
        }
    }
}
