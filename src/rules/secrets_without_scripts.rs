//! Secrets are files, and nothing makes the files.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "secrets-without-scripts",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "Compose mounts secrets as files, and nothing makes the files",
    why: "Each file has to belong to the user that reads it; `scripts/install_secrets.sh` sees to that, from the env file.",
    instead: "Add `scripts: {}` and `dotenv: {}` to `targets`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let is_complete = stack.targets.scripts && stack.targets.dotenv;
    if stack.targets.compose.is_none() || is_complete || stack.secrets.is_empty() || stack.secret_files().is_empty() {
        return;
    }
    let missing = match (stack.targets.scripts, stack.targets.dotenv) {
        (true, _) => "the env file's template is no target",
        (false, true) => "the script that makes them is no target",
        (false, false) => "neither the script that makes them nor the env file's template is a target",
    };
    found.at(KeyPath::of(&["targets"]), format!("secrets are files on Compose, but {missing}"));
}
