//! A volume is smaller than what its server writes when it is new.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, Stack};
use crate::values::Size;

/// The rule.
pub const RULE: Rule = Rule {
    id: "little-storage",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A server's volume is too small for it",
    why: "A new PostgreSQL server has some 40 MiB of its own, and keeps up to 1 GiB of its log; Redis writes all that it holds. A server whose volume is full stops.",
    instead: "Write the size with `Gi`, such as `storage: 10Gi`: a claim can grow later and never shrinks.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for store in &stack.backing_services {
        let Some((server, storage)) = store.server.as_ref().and_then(|server| Some((server, server.storage?))) else { continue };
        let (least, why) = match store.kind {
            Backing::Postgres { .. } => (Size::mib(512), "its log alone may take more".to_owned()),
            Backing::Redis => {
                let data = server.needs.first().map_or(Size::mib(0), |need| need.size);
                (data, format!("it may hold {data}"))
            }
            Backing::Image(_) => continue,
        };
        if storage < least {
            found.at(KeyPath::of(&["backing_services", store.name.as_str(), "storage"]), format!("`{}` has {storage} of storage, and {why}", store.name));
        }
    }
}
