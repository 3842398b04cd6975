//! A variable has a name that shells cannot hold.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "dash-in-variable",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable of a service has a `-` in its name",
    why: "Programs ask for names with `_`, and a shell on the way drops a variable whose name it cannot hold: nobody gets the value, and nothing says so.",
    instead: "Write `_` in its place.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        for var in service.env.iter().filter(|var| var.name.contains('-')) {
            let help = format!("Write `{}`.", var.name.replace('-', "_"));
            found.with_help(var.declared.clone(), format!("`{}` has a `-` in its name", var.name), help);
        }
    }
}
