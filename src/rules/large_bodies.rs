//! Large bodies wait in memory.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;
use crate::values::Size;

/// The rule.
pub const RULE: Rule = Rule {
    id: "large-bodies",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Large bodies wait in memory",
    why: "The edge keeps a body in memory until it is complete, and several at once: its container grows with them.",
    instead: "Lower `body_size`, or let clients send large files to an object store directly.",
    check,
};

/// Eight of them take 1 GiB.
const LARGE: Size = Size::mib(128);

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = stack.edge.as_ref().filter(|_| stack.targets.nginx.is_some()) else { return };
    if edge.limits.body_size > LARGE {
        let path = KeyPath::of(&["edge", "body_size"]);
        let scratch = stack.targets.nginx.as_ref().map(|nginx| nginx.scratch.to_string()).unwrap_or_default();
        found.at(path, format!("bodies of {} need {scratch} of memory at the edge", edge.limits.body_size));
    }
    for (host, route) in edge.hosts.iter().flat_map(|host| host.routes.iter().map(move |route| (host, route))) {
        if route.limits.body_size > LARGE && route.limits.body_size != edge.limits.body_size {
            let path = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), "body_size"]);
            found.at(path, format!("bodies of {} on `{}` wait in the memory of the edge", route.limits.body_size, route.path));
        }
    }
}
