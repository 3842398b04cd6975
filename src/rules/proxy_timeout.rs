//! The proxy gives up before the application does.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, RouteAction, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "proxy-timeout",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The proxy gives up before the application does",
    why: "Users see the proxy's 504 while the application still works on an answer that nobody gets.",
    instead: "Make it longer than `run.timeout`, or leave it out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let Some(edge) = &stack.edge else { return };
    for host in &edge.hosts {
        for route in &host.routes {
            let RouteAction::Service { name, websocket: false, streaming: false, .. } = &route.action else { continue };
            let Some(Command::Gunicorn { timeout, .. }) = stack.service(name).map(|service| &service.command) else { continue };
            if route.limits.timeout <= *timeout {
                let own = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), "timeout"]);
                let is_own = stack.origins.is_written(&own);
                let path = if is_own { own } else { KeyPath::of(&["edge", "timeout"]) };
                found.at(path, format!("the edge waits {}, but `{name}` may take {timeout}", route.limits.timeout));
            }
        }
    }
}
