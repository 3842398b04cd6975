//! Nobody waits for a release job.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "release-not-waited-for",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Nobody waits for a release job",
    why: "Services start beside it, with a database that it has not changed yet.",
    instead: "Add it to the `depends_on` of the services that need it: `migrate: completed`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for release in stack.services.iter().filter(|service| service.kind == ServiceKind::Release) {
        let is_awaited = stack.services.iter().flat_map(|service| &service.depends_on).any(|dependency| dependency.name == release.name);
        if !is_awaited {
            found.at(KeyPath::of(&["services", release.name.as_str()]), format!("no service depends on `{}`", release.name));
        }
    }
}
