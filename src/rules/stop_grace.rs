//! A service is killed before its running requests end.

use super::proxy_timeout::seconds;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, STOP_GRACE, ServiceKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "stop-grace",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A service is killed before what it does has ended",
    why: "`stop_grace` is not longer than the graceful timeout, or too short for a task: SIGKILL comes while requests are still answered, and a worker's task is lost or done twice.",
    instead: "Make `stop_grace` some seconds longer than `run.graceful_timeout`, or leave it out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        // Less than what container engines give by themselves.
        let at = KeyPath::of(&["services", service.name.as_str(), "stop_grace"]);
        if service.kind == ServiceKind::Worker && service.stop_grace < STOP_GRACE && stack.origins.is_written(&at) {
            let message = format!("`{}` is killed {} after it was told to stop, in the middle of its task", service.name, service.stop_grace);
            let help = "Give it as long as its longest task takes, such as `stop_grace: 60s`, or leave it out.".to_owned();
            found.with_help(at, message, help);
            continue;
        }
        if let Command::Gunicorn { graceful_timeout, .. } = &service.command {
            if service.stop_grace <= *graceful_timeout {
                let message = format!("`{}` is killed after {}, its requests may take {graceful_timeout}", service.name, service.stop_grace);
                found.at(KeyPath::of(&["services", service.name.as_str(), "stop_grace"]), message);
            }
        } else if let Some(graceful) = seconds(service, &["--graceful-timeout"]).filter(|graceful| service.stop_grace <= *graceful) {
            let path = if stack.origins.is_written(&at) { at } else { KeyPath::of(&["services", service.name.as_str()]) };
            let message = format!("`{}` is killed after {}, its requests may take {graceful}", service.name, service.stop_grace);
            let longer = graceful.whole_seconds() + STOP_GRACE.whole_seconds();
            found.with_help(path, message, format!("Write `stop_grace: {longer}s`, or give Gunicorn a shorter `--graceful-timeout`."));
        }
    }
}
