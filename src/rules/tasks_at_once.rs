//! Tasks never reach the worker.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{Backing, EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "tasks-at-once",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "Tasks are done at once where they come up, while a worker waits for them",
    why: "The setting is for tests: requests wait for each mail and each report, and the worker never gets any.",
    instead: "Leave it to the development profile.",
    check,
};

/// Variables, what they are then, the worker that waits, and what to write; STORE is a queue that is there.
const SETTINGS: [(&str, &[&str], &[&str], &str); 6] = [
    ("CELERY_TASK_ALWAYS_EAGER", &["true", "1", "yes", "on"], &["celery"], "false"),
    ("CELERY_ALWAYS_EAGER", &["true", "1", "yes", "on"], &["celery"], "false"),
    ("QUEUE_CONNECTION", &["sync"], &["artisan", "queue:work"], "STORE"),
    ("QUEUE_CONNECTION", &["sync"], &["artisan", "horizon"], "STORE"),
    ("QUEUE_DRIVER", &["sync"], &["artisan", "queue:work"], "STORE"),
    ("ACTIVE_JOB_QUEUE_ADAPTER", &["inline", "async"], &["sidekiq"], "sidekiq"),
];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        for (_, values, call, right) in SETTINGS.iter().filter(|known| known.0 == var.name) {
            let worker = stack.services.iter().find(|service| service.calls().iter().any(|known| known.starts_with(call)));
            let Some(worker) = worker.filter(|_| values.contains(&text.to_ascii_lowercase().as_str()) && !said.contains(&&var.declared)) else { continue };
            said.push(&var.declared);
            let has_redis = stack.backing_services.iter().any(|store| matches!(store.kind, Backing::Redis));
            let right = right.replace("STORE", if has_redis { "redis" } else { "database" });
            let message = format!("with `{}: {text}` no task reaches `{}`", var.name, worker.name);
            found.with_help(var.declared.clone(), message, format!("Write `{}: {right}`; `{text}` belongs into the development profile.", var.name));
        }
    }
}
