//! Folders in memory may take all of a service's memory.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::Stack;
use crate::values::Size;

/// The rule.
pub const RULE: Rule = Rule {
    id: "tmpfs-above-memory",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Folders in memory may take all of a service's memory",
    why: "What is written to them counts against the limit: the kernel kills the process before the folder is full.",
    instead: "Make the folders smaller (`/tmp` follows the largest body that routes let through), or raise `resources.limits.memory`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let shared = service.process.shm_size.map_or(0, Size::bytes);
        let folders = service.tmpfs.iter().map(|folder| folder.size.bytes()).sum::<u64>() + shared;
        let limit = service.resources.limit_memory;
        if folders >= limit.bytes() {
            let path = KeyPath::of(&["services", service.name.as_str(), "tmpfs"]);
            found.at(path, format!("the folders of `{}` hold {}, its limit is {limit}", service.name, Size::mib(folders >> 20)));
        }
    }
}
