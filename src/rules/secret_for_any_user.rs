//! A secret is a file that everybody in the container may read.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Delivery, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-for-any-user",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A secret is a file that every user of a container may read",
    why: "The image alone knows its user, so that the file cannot be that user's own.",
    instead: "Set its `user` to the image's own, such as `user: \"101:101\"`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.user.is_none()) {
        if service.secrets(stack, Delivery::File).next().is_some() {
            found.at(KeyPath::of(&["services", service.name.as_str()]), format!("the secrets of `{}` can be read by every user in it", service.name));
        }
    }
    for store in stack.backing_services.iter().filter(|store| store.server.as_ref().is_some_and(|server| server.user.is_none())) {
        if store.kind.container().is_some_and(|container| container.secrets(stack, Delivery::File).next().is_some()) {
            let path = KeyPath::of(&["backing_services", store.name.as_str()]);
            found.at(path, format!("the secrets of `{}` can be read by every user in it", store.name));
        }
    }
}
