//! A web service behind the edge has one replica.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "single-replica",
    severity: Severity::Warning,
    applies: Applies::Production,
    what: "A web service behind the edge has one replica",
    why: "Each roll-out and each crash is an outage.",
    instead: "Set `replicas: 2` or more, or `autoscale.min`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.routed().filter(|service| service.replicas == 1 && !service.singleton) {
        let key = KeyPath::of(&["services", service.name.as_str()]);
        let key = if service.autoscale.is_some() { key.key("autoscale").key("min") } else { key.key("replicas") };
        let message = format!("`{}` has one replica", service.name);
        // What keeps data in a volume may be the only one that may write there: then two would destroy them.
        match service.volumes.iter().find(|mount| !mount.read_only) {
            Some(mount) if known_images::known(service.image.name.as_str()).is_some() => {
                let help = format!("Write `singleton: true`: two servers on the volume `{}` would destroy its data.", mount.volume);
                found.with_help(key, message, help);
            }
            Some(mount) => {
                let help = format!("Write `replicas: 2` or more, if several may write to the volume `{}`; `singleton: true`, if only one may.", mount.volume);
                found.with_help(key, message, help);
            }
            None => found.at(key, message),
        }
    }
}
