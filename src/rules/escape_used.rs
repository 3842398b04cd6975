//! Keys of a target's own at a service.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{PodEscape, Stack};
use serde_json::{Map, Value};

/// The rule.
pub const RULE: Rule = Rule {
    id: "escape-used",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A service, a patch or a snippet speaks in the words of its target",
    why: "What is below `compose`, `kubernetes`, `patches` or `snippets` is passed on as it is: it holds for that target alone, and no rule looks at what it means.",
    instead: "Nothing, if that is meant; a key of the language, where there is one, holds for every target.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for patch in &stack.patches {
        found.at(patch.at.clone(), format!("`{}` is changed in the words of its target", patch.target));
    }
    for snippet in &stack.snippets {
        found.at(snippet.at.clone(), format!("`{}` has lines of the profile's own", snippet.file));
    }
    for service in &stack.services {
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let escape = &service.escape;
        if stack.targets.compose.is_some() && !(escape.compose.is_empty() && escape.labels.is_empty()) {
            let mut keys: Vec<&str> = escape.compose.keys().map(String::as_str).collect();
            keys.extend((!escape.labels.is_empty()).then_some("labels"));
            found.at(root.key("compose"), format!("`{}` has keys of Compose's own: {}", service.name, keys.join(", ")));
        }
        kubernetes(stack, found, service.name.as_str(), &root, &escape.pods, &escape.container);
    }
    for store in &stack.backing_services {
        let Some(server) = &store.server else { continue };
        kubernetes(stack, found, store.name.as_str(), &KeyPath::of(&["backing_services", store.name.as_str()]), &server.escape, &Map::new());
    }
}

fn kubernetes(stack: &Stack, found: &mut Findings, name: &str, root: &KeyPath, pods: &PodEscape, container: &Map<String, Value>) {
    let Some(target) = &stack.targets.kubernetes else { return };
    let mut keys: Vec<&str> = pods.pod.keys().chain(container.keys()).map(String::as_str).collect();
    keys.extend((!pods.annotations.is_empty()).then_some("annotations"));
    if keys.is_empty() {
        return;
    }
    let message = format!("`{name}` has keys of Kubernetes' own: {}", keys.join(", "));
    match without_resources(&pods.pod).filter(|_| target.quotas.is_some()) {
        Some(container) => {
            let help = format!(
                "Give the container `{container}` `resources` with `requests` and `limits` of `cpu` and `memory`: the quota of the namespace cannot be about what it leaves out."
            );
            found.with_help(root.key("kubernetes"), message, help);
        }
        None => found.at(root.key("kubernetes"), message),
    }
}

/// The first further container that does not say what it needs.
fn without_resources(pod: &Map<String, Value>) -> Option<&str> {
    let containers = pod.get("initContainers")?.as_array()?;
    let says = |container: &Value, limit: &str| ["cpu", "memory"].iter().all(|resource| !container["resources"][limit][resource].is_null());
    containers.iter().find(|container| !says(container, "limits")).map(|container| container["name"].as_str().unwrap_or("without a name"))
}
