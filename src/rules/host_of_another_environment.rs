//! A host name comes from a profile of another environment.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-of-another-environment",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A host name is inherited from a profile of another environment",
    why: "Both answer to one name: users reach the one that their DNS leads to, and each that gets certificates by ACME fails where the name leads to the other.",
    instead: "Write this environment's own host below `edge.hosts`, and take the inherited one out, such as `remove: [edge.hosts.\"api.example.com\"]`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (host, kind) in &stack.inherited_hosts {
        let path = KeyPath::of(&["edge", "hosts", host]);
        let help = format!("Write this environment's own host below `edge.hosts`, and take the inherited one out: `remove: [{path}]`.");
        found.with_help(path, format!("`{host}` is the host of a profile whose environment is {}", kind.as_str()), help);
    }
}
