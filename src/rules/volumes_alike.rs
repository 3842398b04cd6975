//! Two volumes whose names differ in a letter or two.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "volumes-alike",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "Two services have volumes whose names differ in a letter or two",
    why: "Services share a volume by its name: with a slip in one of them each has an empty volume of its own, and what the one writes the other never sees.",
    instead: "Write the same name at both, if they are to share it; or names that nobody takes for one another.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for service in &stack.services {
        for mount in &service.volumes {
            let name = mount.volume.as_str();
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            let others = seen.iter().filter(|(other, _)| digits(other) == digits(name)).map(|(other, _)| *other);
            if let Some(near) = nearest(name, others).filter(|_| seen.iter().all(|(other, _)| *other != name)) {
                let owner = seen.iter().find(|(other, _)| *other == near).map(|(_, owner)| *owner).unwrap_or_default();
                let message = format!("`{name}` of `{}` and `{near}` of `{owner}` are two volumes", service.name);
                let help = format!("Write `{near}` here, if they are to share it; or names that nobody takes for one another.");
                found.with_help(KeyPath::of(&["services", service.name.as_str(), "volumes", name]), message, help);
            }
            seen.push((name, service.name.as_str()));
        }
    }
}
