//! A service behind the edge is open beside it.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "past-the-edge",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A service behind the edge is open beside it",
    why: "Whoever reaches that port passes by TLS, limits and hidden paths, and may claim any address.",
    instead: "Leave `publish` out, or bind it to `127.0.0.1`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.routed() {
        if let Some(publish) = service.publish.as_ref().filter(|publish| !publish.address.0.is_loopback()) {
            let path = KeyPath::of(&["services", service.name.as_str(), "publish"]);
            found.at(path, format!("`{}` answers on port {} of {}, too", service.name, publish.port, publish.address));
        }
    }
}
