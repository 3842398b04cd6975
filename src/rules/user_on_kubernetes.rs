//! On Kubernetes nobody knows whether an image runs as somebody else than root.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "user-on-kubernetes",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "On Kubernetes an image that is not made here starts only if it names its user by number, and not root",
    why: "Pods have `runAsNonRoot`: of an image that runs as root, or names its user by a word, the container is refused when it is to start.",
    instead: "Write the number of the image's user, such as `user: \"10001:10001\"`; `docker run --rm --entrypoint id IMAGE` prints it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.kubernetes.is_none() {
        return;
    }
    let services = stack.services.iter().filter(|service| service.user.is_none() && service.image_owner == service.name);
    let services = services.map(|service| ("services", &service.name, service.image.reference()));
    let containers = stack.backing_services.iter().filter_map(|store| {
        let is_open = store.server.as_ref().is_some_and(|server| server.user.is_none());
        store.kind.container().filter(|_| is_open).map(|container| ("backing_services", &store.name, container.image.reference()))
    });
    for (section, name, image) in services.chain(containers) {
        let help = format!(
            "Write the number of its user, such as `user: \"10001:10001\"`: `docker run --rm --entrypoint id {image}` prints it. If it is 0, take an image that does without root."
        );
        found.with_help(
            KeyPath::of(&[section, name.as_str(), "image"]),
            format!("on Kubernetes `{name}` starts only if its image names a user by number, and not root"),
            help,
        );
    }
}
