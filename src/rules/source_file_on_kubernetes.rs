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
    for (name, files) in stack.mounted_files() {
        let section = if stack.service(name).is_some() { "services" } else { "backing_services" };
        for file in files {
            if let FileContent::Source(source) = &file.content {
                let path = KeyPath::of(&[section, name.as_str(), "files", file.path.as_str(), "source"]);
                found.at(path, format!("the pods of `{name}` do not have `{source}` at `{}`", file.path));
            }
        }
    }
}
