//! A number of cores that was meant in thousandths.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Resources, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "hundreds-of-cores",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A service has a hundred cores or more",
    why: "Docker refuses a limit above the host's cores, and no node has room for such a request: it never starts.",
    instead: "Thousandths of a core end with `m`: `500m` is half a core.",
    check,
};

/// So many whole cores are a forgotten `m`, rather than a machine.
const SUSPICIOUS_MILLIS: u32 = 100_000;

fn check(stack: &Stack, found: &mut Findings) {
    let own = stack.services.iter().map(|service| ("services", service.name.as_str(), &service.resources));
    let stores = stack.backing_services.iter().filter_map(|store| Some(("backing_services", store.name.as_str(), &store.server.as_ref()?.resources)));
    for (section, name, Resources { request_cpu, limit_cpu, .. }) in own.chain(stores) {
        for (set, cpu) in [("requests", request_cpu), ("limits", limit_cpu)] {
            let path = KeyPath::of(&[section, name, "resources", set, "cpu"]);
            let is_written = stack.origins.is_written(&path);
            if is_written && cpu.as_millis() >= SUSPICIOUS_MILLIS && cpu.as_millis() % 1000 == 0 {
                found.at(path, format!("`{cpu}` is {cpu} cores: did you mean `{cpu}m`?"));
            }
        }
    }
}
