//! A backing service is open to the network.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "open-backing-service",
    severity: Severity::Error,
    applies: Applies::Deployed,
    what: "A backing service is open to the network",
    why: "A published port is open whatever the host's firewall says: Docker opens it in front of the firewall's rules.",
    instead: "Leave `publish` out; for a developer's tools use `127.0.0.1` and an SSH tunnel.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        let main = store.server.iter().filter_map(|server| server.publish.as_ref()).map(|publish| (root.key("publish"), publish));
        let more = store.ports().iter().filter_map(|port| Some((root.key("ports").key(port.name.as_str()).key("publish"), port.publish.as_ref()?)));
        for (path, _) in main.chain(more).filter(|(_, publish)| !publish.address.0.is_loopback()) {
            found.at(path, format!("`{}` is open to everybody who reaches this host", store.name));
        }
    }
}
