//! Every address is trusted as a proxy.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "every-proxy-trusted",
    severity: Severity::Error,
    applies: Applies::Always,
    what: "Every address is trusted as a proxy",
    why: "Whoever reaches the edge says which address it comes from: rate limits and logs believe it.",
    instead: "Name the addresses of the proxy in front, such as `10.0.0.0/8`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (at, range) in stack.edge.iter().flat_map(|edge| edge.trusted_proxies.iter().enumerate()) {
        if range.to_string().ends_with("/0") {
            found.at(KeyPath::of(&["edge", "trusted_proxies"]).index(at), format!("`{range}` is every address"));
        }
    }
}
