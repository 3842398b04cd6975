//! A release job waits for a service that is started after it.

use super::typed_address::{address, host};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Service, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "release-before-service",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A release job depends on a service that is started after it",
    why: "Release jobs run before any service of the new release is started: at the first deployment nobody is there, and later it is the old release that answers.",
    instead: "Remove the service from the job's `depends_on`: backing services and other release jobs are there.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for job in stack.services.iter().filter(|service| service.kind == ServiceKind::Release) {
        for dependency in &job.depends_on {
            let Some(other) = stack.service(&dependency.name).filter(|other| matches!(other.kind, ServiceKind::Web | ServiceKind::Worker)) else { continue };
            let path = KeyPath::of(&["services", job.name.as_str(), "depends_on", other.name.as_str()]);
            let message = format!("`{}` depends on `{}`, which is started after it", job.name, other.name);
            let names = addresses(stack, job, other);
            let without =
                if names.is_empty() { String::new() } else { format!(", and write `without: [{}]` there unless it reads that address", names.join(", ")) };
            found.with_help(path, message, format!("Remove `{}` from the `depends_on` of `{}`{without}.", other.name, job.name));
        }
    }
}

/// Variables with the address of another service that a job has from the one that it is like.
fn addresses<'s>(stack: &Stack, job: &'s Service, other: &Service) -> Vec<&'s str> {
    let own = KeyPath::of(&["services", job.name.as_str()]);
    let is_like = stack.origins.text(&own.key("like")).is_some();
    let vars = job.env.iter().filter(|var| is_like && !var.declared.0.starts_with(&own.0));
    vars.filter(|var| address(stack, var).is_some_and(|text| host(text) == other.name.as_str())).map(|var| var.name.as_str()).collect()
}
