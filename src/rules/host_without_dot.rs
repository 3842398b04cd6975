//! A host of the edge has a name that only a local network knows.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "host-without-dot",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A host of the edge has no domain",
    why: "Browsers reach such a name in a local network at most, and no authority gives a certificate for it.",
    instead: "Write the whole name, such as `shop.example.com`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for host in stack.edge.iter().flat_map(|edge| &edge.hosts).filter(|host| !host.name.as_str().contains('.')) {
        let help = format!("Write the whole name, such as `{}.example.com`.", host.name);
        found.with_help(KeyPath::of(&["edge", "hosts", host.name.as_str()]), format!("the host `{}` has no domain", host.name), help);
    }
}
