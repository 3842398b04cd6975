//! A backing service may need more memory than it gets.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;
use crate::values::Size;

/// The rule.
pub const RULE: Rule = Rule {
    id: "overcommitted-memory",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A backing service may need more memory than its limit",
    why: "At its limit the kernel kills it, with every connection, when load is highest.",
    instead: "Raise `resources.limits.memory`, or lower what needs it: the connections of PostgreSQL, `max_memory` of Redis.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let Some(server) = &store.server else { continue };
        let needed = server.needs.iter().map(|need| need.size.whole_mib()).sum();
        if server.resources.limit_memory < Size::mib(needed) {
            let terms: Vec<String> = server.needs.iter().map(|need| format!("{} MiB for {}", need.size.whole_mib(), need.what)).collect();
            let limit = server.resources.limit_memory;
            let message = format!("`{}` may need {needed} MiB, but its memory limit is {limit}: {}", store.name, terms.join(" + "));
            found.at(KeyPath::of(&["backing_services", store.name.as_str(), "resources", "limits", "memory"]), message);
        }
    }
}
