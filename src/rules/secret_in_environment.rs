//! A secret is a variable of a process.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{Delivery, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-in-environment",
    severity: Severity::Info,
    applies: Applies::Deployed,
    what: "A secret is a variable of a process",
    why: "Everybody sees it who may look at the process or inspect the container, and crash reports carry variables along.",
    instead: "Read it from the file that `NAME_FILE` names, and leave `deliver` out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        for (var, secret) in service.secrets(stack, Delivery::Env) {
            found.at(var.declared.clone(), format!("`{}` gets `{}` as a variable", service.name, secret.name));
        }
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        for (var, secret) in container.secrets(stack, Delivery::Env) {
            found.at(var.declared.clone(), format!("`{}` gets `{}` as a variable", store.name, secret.name));
        }
    }
}
