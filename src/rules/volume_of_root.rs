//! A backing service cannot write to its new volume on one host.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{Stack, VolumeSource};

/// The rule.
pub const RULE: Rule = Rule {
    id: "volume-of-root",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A backing service cannot write to its new volume on one host",
    why: "Docker gives a new volume the owner that the folder has in the image. Where that is root, a server that runs as another user ends at its first start; on Kubernetes the volume belongs to the pod's group.",
    instead: "Give the volume away once on each host, before the first start: `docker run --rm --volume PROJECT_STORE-VOLUME:/data busybox chown USER /data`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    for store in &stack.backing_services {
        let Some(container) = store.kind.container() else { continue };
        let Some(user) = store.server.as_ref().and_then(|server| server.user.as_ref()).filter(|user| user.ids().0 != 0) else { continue };
        if !known_images::keeps_as_root(container.image.name.as_str()) {
            continue;
        }
        for volume in container.volumes.iter().filter(|volume| matches!(volume.source, VolumeSource::Own(_))) {
            let path = KeyPath::of(&["backing_services", store.name.as_str(), "volumes", volume.name.as_str()]);
            let message = format!("a new volume `{}` of `{}` belongs to root, and the server runs as user {}", volume.name, store.name, user.ids().0);
            found.with_help(
                path,
                message,
                format!(
                    "Once on each host, before the first start: `docker run --rm --volume {}_{}-{}:/data busybox chown {user} /data`.",
                    stack.deployment, store.name, volume.name
                ),
            );
        }
    }
}
