//! A database is that of another environment.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "store-of-another-environment",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A managed server is inherited from a profile of another environment",
    why: "Both write into one database: what is tried in staging changes what production shows, and a migration of the one breaks the other.",
    instead: "Write this environment's own `host` at the backing service, or another `database` of the same server.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (path, kind) in &stack.inherited_stores {
        found.at(path.clone(), format!("`{path}` is that of a profile whose environment is {}, with the same database", kind.as_str()));
    }
}
