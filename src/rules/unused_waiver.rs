//! A waiver accepts what no rule found.

use super::{Applies, Findings, RULES, Rule, covers, nearest};
use crate::diagnostics::Severity;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "unused-waiver",
    severity: Severity::Warning,
    applies: Applies::Afterwards,
    what: "A waiver accepts what no rule found",
    why: "It would hide the finding if that came back, and nobody would decide again.",
    instead: "Remove it, or correct its `rule` and `path`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for waiver in &stack.waivers {
        if !RULES.iter().any(|rule| rule.id == waiver.rule.as_str()) {
            let near = nearest(waiver.rule.as_str(), RULES.iter().map(|rule| rule.id)).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
            found.at(waiver.at.key("rule"), format!("there is no rule `{}`{near}", waiver.rule));
        } else if !found.before.iter().any(|finding| covers(waiver, finding)) {
            found.at(waiver.at.clone(), format!("`{}` finds nothing there", waiver.rule));
        }
    }
}
