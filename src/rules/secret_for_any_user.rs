//! A secret is a file that everybody in the container may read.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{Delivery, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-for-any-user",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A secret is a file that every user of a container may read",
    why: "The image alone knows its user, so that the file cannot be that user's own.",
    instead: "Set its `user` to the number of the image's own user, which `docker run --rm --entrypoint id IMAGE` prints.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.user.is_none()) {
        if service.secrets(stack, Delivery::File).next().is_some() {
            let help = if service.own_build.is_some() {
                "Write the number of the user that the Dockerfile makes, such as `user: \"10001:10001\"`.".to_owned()
            } else {
                help(service.image.name.as_str(), service.image.tag.as_str())
            };
            let path = KeyPath::of(&["services", service.name.as_str()]);
            found.with_help(path, format!("the secrets of `{}` can be read by every user in it", service.name), help);
        }
    }
    for store in stack.backing_services.iter().filter(|store| store.server.as_ref().is_some_and(|server| server.user.is_none())) {
        if let Some(container) = store.kind.container().filter(|container| container.secrets(stack, Delivery::File).next().is_some()) {
            let help = help(container.image.name.as_str(), container.image.tag.as_str());
            let path = KeyPath::of(&["backing_services", store.name.as_str()]);
            found.with_help(path, format!("the secrets of `{}` can be read by every user in it", store.name), help);
        }
    }
}

/// The number that an image is known for, or how to find it out.
fn help(image: &str, tag: &str) -> String {
    match known_images::user(image) {
        Some(user) => format!("Write `user: \"{user}\"`, the image's own."),
        None => format!("Set its `user` to the number of the image's own user: `docker run --rm --entrypoint id {image}:{tag}` prints it."),
    }
}
