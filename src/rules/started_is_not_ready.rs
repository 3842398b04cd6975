//! A service does not wait until what it needs is ready.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Condition, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "started-is-not-ready",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A service does not wait until what it needs is ready",
    why: "A database that was started takes connections seconds later; until then the service fails, or waits by luck.",
    instead: "Write `healthy`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        // What a release job does not find yet is said by `release-before-service`.
        let is_release = service.kind == ServiceKind::Release;
        for dependency in service.depends_on.iter().filter(|dependency| dependency.condition == Condition::Started) {
            let is_store = stack.backing_services.iter().any(|store| store.name == dependency.name && store.server.is_some() && store.has_engine_check());
            if is_store || stack.service(&dependency.name).is_some_and(|other| other.has_engine_check() && !is_release) {
                let path = KeyPath::of(&["services", service.name.as_str(), "depends_on", dependency.name.as_str()]);
                found.at(path, format!("`{}` has a health check, and `{}` does not wait for it", dependency.name, service.name));
            }
        }
    }
}
