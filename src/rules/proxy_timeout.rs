//! The proxy gives up before the application does.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, RouteAction, STOP_GRACE, Service, Stack, calls};
use crate::values::Duration;

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
            let Some(service) = stack.service(name) else { continue };
            let (timeout, by_run) = match &service.command {
                Command::Gunicorn { timeout, .. } => (*timeout, true),
                _ => match seconds(service, &["-t", "--timeout"]) {
                    Some(timeout) => (timeout, false),
                    None => continue,
                },
            };
            if route.limits.timeout <= timeout {
                let own = KeyPath::of(&["edge", "hosts", host.name.as_str(), "routes", route.path.as_str(), "timeout"]);
                let is_own = stack.origins.is_written(&own);
                let path = if is_own { own } else { KeyPath::of(&["edge", "timeout"]) };
                let message = format!("the edge waits {}, but `{name}` may take {timeout}", route.limits.timeout);
                if by_run {
                    found.at(path, message);
                } else {
                    let longer = timeout.whole_seconds() + STOP_GRACE.whole_seconds();
                    let place = if is_own { String::new() } else { " in `edge`".to_owned() };
                    found.with_help(path, message, format!("Write `timeout: {longer}s`{place}, or give Gunicorn a shorter `--timeout`."));
                }
            }
        }
    }
}

/// So many seconds as the call of Gunicorn gives an option; 0 is none.
pub fn seconds(service: &Service, options: &[&str]) -> Option<Duration> {
    let calls = service.calls();
    let call = calls.last().filter(|call| call[0] == "gunicorn")?;
    let number: u64 = calls::values(call, options).last()?.parse().ok()?;
    (number > 0).then(|| Duration::seconds(number))
}
