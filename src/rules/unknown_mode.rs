//! A framework is told a mode that it does not know.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unknown-mode",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable names a mode that its framework does not know",
    why: "Who does not find `production` goes on as in development, slowly and with all internals shown, or does not start.",
    instead: "Write the mode as the framework spells it, such as `NODE_ENV: production`.",
    check,
};

/// Variables, their modes, the one for users, and whether any other one is refused; else only what is nearly one of them is a mistake.
const MODES: [(&str, &[&str], &str, bool); 5] = [
    ("NODE_ENV", &["production", "development", "test", "staging"], "production", false),
    ("RAILS_ENV", &["production", "development", "test", "staging"], "production", false),
    ("RACK_ENV", &["production", "development", "test", "staging", "deployment", "none"], "production", false),
    ("MIX_ENV", &["prod", "dev", "test", "staging"], "prod", false),
    ("GIN_MODE", &["release", "debug", "test"], "release", true),
];

/// What people write for production.
const SHORT: [&str; 5] = ["prod", "prd", "production", "release", "live"];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for var in stack.variables() {
        let (EnvValue::Literal(text), Some((_, modes, usual, is_strict))) = (&var.value, MODES.iter().find(|known| known.0 == var.name)) else { continue };
        // What is development in another spelling is told by another rule.
        let is_known = modes.contains(&text.as_str()) || text.is_empty() || ["dev", "development", "develop", "local", "debug"].contains(&text.as_str());
        if is_known || said.contains(&&var.declared) {
            continue;
        }
        let meant = if SHORT.contains(&text.to_ascii_lowercase().as_str()) { Some(*usual) } else { nearest(text, modes.iter().copied()) };
        let Some(meant) = meant.or(is_strict.then_some(*usual)) else { continue };
        said.push(&var.declared);
        found.with_help(var.declared.clone(), format!("`{}` has no mode `{text}`", var.name), format!("Write `{}: {meant}`.", var.name));
    }
}
