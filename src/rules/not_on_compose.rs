//! A key that means something on a cluster only.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "not-on-compose",
    severity: Severity::Info,
    applies: Applies::Always,
    what: "A key that the Compose file cannot say",
    why: "On one host nobody watches the load: there are always as many instances as `autoscale.min` says.",
    instead: "Nothing, if that many are enough there; otherwise raise `min`, or write `replicas` in a profile of its own for the host.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    if stack.targets.compose.is_none() {
        return;
    }
    for service in stack.services.iter().filter(|service| service.autoscale.is_some()) {
        let path = KeyPath::of(&["services", service.name.as_str(), "autoscale"]);
        found.at(path, format!("on one host there are always {} instances of `{}`", service.replicas, service.name));
    }
}
