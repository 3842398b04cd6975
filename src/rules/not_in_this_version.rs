//! What the version of the cluster does not have yet, or nobody has tried.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{KUBERNETES_NEWEST, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "not-in-this-version",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Something that this version of Kubernetes does not have, or that is newer than what the manifests are held against",
    why: "A server drops a field that it does not know, or refuses the object; a newer version may have removed what is rendered.",
    instead: "Remove the key, or set `targets.kubernetes.version` to what the cluster has.",
    check,
};

/// Keys of the escape and the version from which on they do something without a switch in the cluster. All else that is rendered, and all
/// other keys, are in the oldest version that is supported.
const SINCE: [(&str, &str, u32); 2] = [("container", "resizePolicy", 33), ("pod", "resourceClaims", 34)];

fn check(stack: &Stack, found: &mut Findings) {
    let Some(target) = &stack.targets.kubernetes else { return };
    let [_, minor, _] = target.version.numbers();
    for service in &stack.services {
        for (part, key, since) in SINCE {
            let has = if part == "pod" { service.escape.pods.pod.contains_key(key) } else { service.escape.container.contains_key(key) };
            if has && target.version.numbers() < [1, since, 0] {
                let path = KeyPath::of(&["services", service.name.as_str(), "kubernetes", part, key]);
                found.at(path, format!("`{key}` is there from Kubernetes 1.{since} on, and this cluster is 1.{minor}"));
            }
        }
    }
    if target.version.numbers() >= [1, KUBERNETES_NEWEST + 1, 0] {
        let path = KeyPath::of(&["targets", "kubernetes", "version"]);
        found.at(path, format!("Kubernetes 1.{minor} is newer than 1.{KUBERNETES_NEWEST}, the newest that the manifests are held against"));
    }
}
