//! A scheduler that runs more than once.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "scheduler-twice",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A scheduler of tasks has several instances",
    why: "Each instance of Celery's beat, of rqscheduler or of Laravel's `schedule:work` hands out every task: two of them do all work twice, and send every mail twice.",
    instead: "Write `singleton: true` in place of `replicas`: no roll-out has two of them either.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.most_replicas() > 1 && schedules(service)) {
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let key = if stack.origins.is_written(&root.key("autoscale")) { "autoscale" } else { "replicas" };
        let message = format!("`{}` hands out scheduled tasks, and has {} instances", service.name, service.most_replicas());
        found.with_help(root.key(key), message, format!("Write `singleton: true` in place of `{key}`."));
    }
}

fn schedules(service: &Service) -> bool {
    let Command::Args(args) = &service.command else { return false };
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let is = |call: &[&str]| match call {
        ["celery", rest @ ..] => rest.contains(&"beat") || rest.contains(&"-B") || rest.contains(&"--beat"),
        ["rqscheduler" | "clockwork", ..] | ["artisan", "schedule:work", ..] => true,
        _ => false,
    };
    calls::calls(&words).iter().any(|call| is(call))
}
