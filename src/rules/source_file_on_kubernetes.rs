//! A file of the repository that no pod has.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{FileContent, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "source-file-on-kubernetes",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A file of the repository that no pod has",
    why: "Manifests hold texts and not files, and rendering reads nothing but profiles: the mount is left out.",
    instead: "Write it as `text`, which becomes a ConfigMap, or let the image have it.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.kubernetes.is_none() {
        return;
    }
    for service in &stack.services {
        for file in &service.files {
            if let FileContent::Source(source) = &file.content {
                let path = KeyPath::of(&["services", service.name.as_str(), "files", file.path.as_str(), "source"]);
                found.at(path, format!("the pods of `{}` do not have `{source}` at `{}`", service.name, file.path));
            }
        }
    }
}
