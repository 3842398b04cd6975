//! A variable has the address of a service on which nothing says that this one depends.

use super::typed_address::{address, host};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Service, Stack};
use crate::values::ServiceName;

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-dependency",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable has the address of a service on which this one does not depend",
    why: "A service reaches what it depends on, and nothing else: on Kubernetes no way leads there, on Compose only where both happen to be on one network.",
    instead: "Name it in `depends_on`: `healthy` waits for its check, `started` for nothing.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        for var in &service.env {
            let Some(text) = address(stack, var) else { continue };
            let is_named = |other: &&Service| other.name.as_str() == host(text) || other.aliases.iter().any(|alias| alias.as_str() == host(text));
            let Some(other) = stack.services.iter().find(is_named).filter(|other| other.name != service.name) else { continue };
            // Two that wait for each other would never start.
            if service.depends_on.iter().any(|dependency| dependency.name == other.name) || reaches(stack, other, &service.name) {
                continue;
            }
            let condition = if other.has_engine_check() { "healthy" } else { "started" };
            let message = format!("`{}` has the address of `{}`, on which `{}` does not depend", var.name, other.name, service.name);
            let help = if stack.origins.is_written(&KeyPath::of(&["services", service.name.as_str(), "depends_on"])) {
                format!("Add `{}: {condition}` to the `depends_on` of `{}`.", other.name, service.name)
            } else {
                format!("Write `depends_on: {{{}: {condition}}}` at `{}`.", other.name, service.name)
            };
            found.with_help(var.declared.clone(), message, help);
        }
    }
}

/// True if a service waits for another, by way of any others. Circles are refused before.
fn reaches(stack: &Stack, service: &Service, name: &ServiceName) -> bool {
    service.depends_on.iter().any(|dependency| dependency.name == *name || stack.service(&dependency.name).is_some_and(|next| reaches(stack, next, name)))
}
