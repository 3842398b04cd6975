//! A waiver's time is over.

use super::{Applies, Findings, Rule, covers};
use crate::diagnostics::Severity;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "expired-waiver",
    severity: Severity::Warning,
    applies: Applies::Afterwards,
    what: "A waiver's time is over",
    why: "What was accepted for a while is reported again, and somebody has to decide.",
    instead: "Mend what it is about and remove it, or give it another day and a reason that still holds.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for waiver in stack.waivers.iter().filter(|waiver| waiver.until < found.around.today).collect::<Vec<_>>() {
        if found.before.iter().any(|finding| covers(waiver, finding)) {
            found.at(waiver.at.key("until"), format!("the waiver of `{}` held until {}", waiver.rule, waiver.until));
        }
    }
}
