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
            let like = |service: &&crate::stack::Service| service.image == release.image && !matches!(service.kind, ServiceKind::Release | ServiceKind::Cron);
            let help = stack.services.iter().find(like).map_or_else(
                || RULE.instead.replace("migrate", release.name.as_str()),
                |service| format!("Write `depends_on: {{{}: completed}}` at `{}`, and at all others that need it.", release.name, service.name),
            );
            found.with_help(KeyPath::of(&["services", release.name.as_str()]), format!("no service depends on `{}`", release.name), help);
        }
    }
}
