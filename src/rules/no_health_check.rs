//! A web service has no health check.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::{ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-health-check",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A web service or a container of any image has no health check",
    why: "Nobody notices that it hangs, and a roll-out sends users to a process that is not ready.",
    instead: "Add `health: { ready: /healthz }`, or `health: { command: [...] }`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.kind == ServiceKind::Web) {
        let health = &service.health;
        if service.ready_path().is_none() && !health.tcp && health.grpc.is_none() && health.command.is_none() {
            found.at(KeyPath::of(&["services", service.name.as_str()]), format!("`{}` has no health check", service.name));
        }
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let health = &container.health;
        if health.ready.is_none() && health.live.is_none() && !health.tcp && health.grpc.is_none() && health.command.is_none() {
            let (path, message) = (KeyPath::of(&["backing_services", store.name.as_str()]), format!("`{}` has no health check", store.name));
            match known_images::known(container.image.name.as_str()).and_then(known_images::KnownImage::health) {
                Some(health) => found.with_help(path, message, format!("Add `{health}`.")),
                None => found.at(path, message),
            }
        }
    }
}
