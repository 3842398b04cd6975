//! A container may need more memory than it gets.

use super::too_few_connections::fewer;
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, POSTGRES_SPARE, Stack, WORKER_MEMORY};
use crate::values::{Size, Workers};

/// The rule.
pub const RULE: Rule = Rule {
    id: "overcommitted-memory",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A backing service, or a service with its workers, may need more memory than its limit",
    why: "At its limit the kernel kills it, with every connection, when load is highest.",
    instead: "Raise `resources.limits.memory`, or lower what needs it: the connections of PostgreSQL, `max_memory` of Redis, `run.workers` of a service (128 MiB each).",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        // Those that are `auto` are as many as the memory carries, or two.
        let Command::Gunicorn { workers: Workers::Count(count), .. } = service.command else { continue };
        let (needed, limit) = (u64::from(count) * WORKER_MEMORY.whole_mib(), service.resources.limit_memory);
        if limit < Size::mib(needed) {
            let each = WORKER_MEMORY.whole_mib();
            let message = format!("`{}` may need {needed} MiB, but its memory limit is {limit}: {count} worker processes of {each} MiB", service.name);
            found.at(KeyPath::of(&["services", service.name.as_str(), "resources", "limits", "memory"]), message);
        }
    }
    for store in &stack.backing_services {
        let Some(server) = &store.server else { continue };
        let needed = server.needs.iter().map(|need| need.size.whole_mib()).sum();
        if server.resources.limit_memory < Size::mib(needed) {
            let terms: Vec<String> = server.needs.iter().map(|need| format!("{} MiB for {}", need.size.whole_mib(), need.what)).collect();
            let limit = server.resources.limit_memory;
            let message = format!("`{}` may need {needed} MiB, but its memory limit is {limit}: {}", store.name, terms.join(" + "));
            let path = KeyPath::of(&["backing_services", store.name.as_str(), "resources", "limits", "memory"]);
            let Some(connections) = &store.connections else {
                found.at(path, message);
                continue;
            };
            let is_written = |key: &str| stack.origins.is_written(&KeyPath::of(&["backing_services", store.name.as_str(), key]));
            let carried = server.connections_carried();
            let instead = if is_written("settings") {
                "lower its `settings`".to_owned()
            } else if !is_written("max_connections") {
                // Some more than those that are wanted are accepted, in steps of 10.
                fewer(connections, store.name.as_str(), (carried / 10 * 10).saturating_sub(POSTGRES_SPARE))
            } else if connections.wanted() <= carried {
                format!("`max_connections: {carried}`")
            } else {
                format!("`max_connections: {carried}` and {}", fewer(connections, store.name.as_str(), carried))
            };
            let help = format!("Write `resources: {{limits: {{memory: {}}}}}` at `{}`, or {instead}.", server.memory_for_needs(), store.name);
            found.with_help(path, message, help);
        }
    }
}
