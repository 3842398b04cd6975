//! Keys of a target's own at a service.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

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
        if stack.targets.kubernetes.is_some() {
            let mut keys: Vec<&str> = escape.pod.keys().chain(escape.container.keys()).map(String::as_str).collect();
            keys.extend((!escape.annotations.is_empty()).then_some("annotations"));
            if !keys.is_empty() {
                found.at(root.key("kubernetes"), format!("`{}` has keys of Kubernetes' own: {}", service.name, keys.join(", ")));
            }
        }
    }
}
