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
    let services = stack.services.iter().map(|service| ("services", &service.name, &service.tmpfs, service.process.shm_size, &service.resources));
    let containers = stack
        .backing_services
        .iter()
        .filter_map(|store| Some(("backing_services", &store.name, &store.kind.container()?.tmpfs, None, &store.server.as_ref()?.resources)));
    for (section, name, tmpfs, shared, resources) in services.chain(containers) {
        let folders: u64 = tmpfs.iter().map(|folder| folder.size.bytes()).sum::<u64>() + shared.map_or(0, Size::bytes);
        let limit = resources.limit_memory;
        if folders >= limit.bytes() {
            let path = KeyPath::of(&[section, name.as_str(), "tmpfs"]);
            found.at(path, format!("the folders of `{name}` hold {}, its limit is {limit}", Size::mib(folders >> 20)));
        }
    }
}
