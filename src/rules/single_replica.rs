//! A web service behind the edge has one replica.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "single-replica",
    severity: Severity::Warning,
    applies: Applies::Production,
    what: "A web service behind the edge has one replica",
    why: "Each roll-out and each crash is an outage.",
    instead: "Set `replicas: 2` or more, or `autoscale.min`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.routed().filter(|service| service.replicas == 1 && !service.singleton) {
        let key = KeyPath::of(&["services", service.name.as_str()]);
        let key = if service.autoscale.is_some() { key.key("autoscale").key("min") } else { key.key("replicas") };
        found.at(key, format!("`{}` has one replica", service.name));
    }
}
