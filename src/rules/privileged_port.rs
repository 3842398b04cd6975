//! A port below 1024 on Kubernetes.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "privileged-port",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A port below 1024 on Kubernetes",
    why: "A process that is not root may not open it there, and Pod Security forbids the capability for it.",
    instead: "Let the program listen on a port from 1024 on, such as 8080; the edge keeps 80 and 443.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|_| stack.targets.kubernetes.is_some()) {
        for port in service.ports.iter().filter(|port| port.port.get() < 1024) {
            let path = KeyPath::of(&["services", service.name.as_str(), "ports", port.name.as_str(), "port"]);
            found.at(path, format!("`{}` listens on port {}", service.name, port.port));
        }
        if let Some(port) = service.port.filter(|port| port.get() < 1024) {
            found.at(KeyPath::of(&["services", service.name.as_str(), "port"]), format!("`{}` listens on port {port}", service.name));
        }
    }
}
