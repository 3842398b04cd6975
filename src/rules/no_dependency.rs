//! A variable has the address of a service on which nothing says that this one depends.

use super::typed_address::{address, host};
use super::{Applies, Findings, Rule, quoted};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Service, ServiceKind, Stack};
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
            let Some(step) = wait_for(stack, &[service], other) else { continue };
            let message = format!("`{}` has the address of `{}`, on which `{}` does not depend", var.name, other.name, service.name);
            found.with_help(var.declared.clone(), message, format!("{}{}.", step[..1].to_uppercase(), &step[1..]));
        }
    }
}

/// What to write so that these services wait for another one, in the condition that it can be in, as half a sentence: a `depends_on`, or a
/// line more in the one that is there. Nothing where all of them wait already, or where it waits for them: both would never start.
pub fn wait_for(stack: &Stack, services: &[&Service], other: &Service) -> Option<String> {
    let condition = if other.has_engine_check() { "healthy" } else { "started" };
    // A release job is over before any service is started.
    let may_wait = |service: &&&Service| {
        service.kind != ServiceKind::Release && service.name != other.name && !reaches(stack, service, &other.name) && !reaches(stack, other, &service.name)
    };
    let (with, without): (Vec<&Service>, Vec<&Service>) = services
        .iter()
        .filter(may_wait)
        .copied()
        .partition(|service| stack.origins.is_written(&KeyPath::of(&["services", service.name.as_str(), "depends_on"])));
    let names = |services: &[&Service]| quoted(services.iter().map(|service| service.name.as_str()));
    let mut steps = Vec::new();
    if !without.is_empty() {
        steps.push(format!("write `depends_on: {{{}: {condition}}}` at {}", other.name, names(&without)));
    }
    if !with.is_empty() {
        steps.push(format!("add `{}: {condition}` to the `depends_on` of {}", other.name, names(&with)));
    }
    (!steps.is_empty()).then(|| steps.join(", and "))
}

/// True if a service waits for another, by way of any others. Circles are refused before.
fn reaches(stack: &Stack, service: &Service, name: &ServiceName) -> bool {
    service.depends_on.iter().any(|dependency| dependency.name == *name || stack.service(&dependency.name).is_some_and(|next| reaches(stack, next, name)))
}
