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
    instead: "Set the service's `user` to the image's own, such as `user: \"101:101\"`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.user.is_none()) {
        if service.secrets(stack, Delivery::File).next().is_some() {
            found.at(KeyPath::of(&["services", service.name.as_str()]), format!("the secrets of `{}` can be read by every user in it", service.name));
        }
    }
}
