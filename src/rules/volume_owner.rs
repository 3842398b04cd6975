//! A service may not be able to write to its volume.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Service, Stack};
use crate::values::ServiceName;

/// The rule.
pub const RULE: Rule = Rule {
    id: "volume-owner",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A service may not be able to write to its volume",
    why: "Docker gives a new volume the owner that the folder has in the first image that mounts it; a folder that no image has is root's.",
    instead: "Let all that write to it run as one `user`, whose folder one image has; or make it `read_only`. A Dockerfile of your own makes the folder, such as `RUN install -d -o 10001 /srv/uploads`, and the service says that `user`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    // Of what is not made here, nobody knows the owner.
    for volume in stack.volumes.iter().filter(|volume| volume.is_own()) {
        let mut writers = stack.services.iter().filter(|service| service.volumes.iter().any(|mount| mount.volume == volume.name && !mount.read_only));
        let Some(first) = writers.next() else { continue };
        let user = |service: &Service| service.user.as_ref().map(|user| user.ids().0);
        let prepares = stack.services.iter().any(|service| {
            service.volumes.iter().any(|mount| mount.volume == volume.name)
                // Who has a Dockerfile of one's own and says the user's number makes the folder there.
                && (service.build.is_some() || service.own_build.is_some() || service.user.is_none())
                && user(service) == user(first)
        });
        if let (false, Some(user)) = (prepares, user(first)) {
            let message = format!("`{}` runs as user {user}, whom the volume `{}` belongs to only if the image has its folder so", first.name, volume.name);
            let help = format!(
                "Leave `user` out where the image has a user of its own, whom the folder belongs to in it; or mount it `read_only`; or let a service whose image is built here have the \
                 folder, and run as user {user}, too; or give it away once on each host, before the first start (`docker run --rm --volume {}_{}:/data busybox chown {user} /data`), \
                 and accept this with a waiver.",
                stack.deployment, volume.name
            );
            found.with_help(place(&first.name, &volume.name), message, help);
        }
        for other in writers.filter(|other| user(other) != user(first)) {
            found.at(
                place(&other.name, &volume.name),
                format!("`{}` and `{}` write to the volume `{}` as different users", first.name, other.name, volume.name),
            );
        }
    }
}

fn place(service: &ServiceName, volume: &ServiceName) -> KeyPath {
    KeyPath::of(&["services", service.as_str(), "volumes", volume.as_str()])
}
