//! Debug output is on where users are served.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "debug-in-production",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "Debug output is on where users are served",
    why: "Debug logs and debug pages show secrets and internals, and cost time with each request.",
    instead: "Set `LOG_LEVEL: INFO` and leave `DEBUG` out, or set them in the development profile only.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        for var in &service.env {
            let value = match &var.value {
                EnvValue::Literal(value) => value.to_ascii_lowercase(),
                EnvValue::Parameter(name) => stack.parameter(name).map(|parameter| parameter.default.to_ascii_lowercase()).unwrap_or_default(),
                EnvValue::Secret { .. } => continue,
            };
            let on = match var.name.to_ascii_uppercase().as_str() {
                "DEBUG" => matches!(value.as_str(), "1" | "true" | "yes" | "on"),
                "LOG_LEVEL" => matches!(value.as_str(), "debug" | "trace"),
                _ => false,
            };
            if on {
                found.at(var.declared.clone(), format!("`{}` is `{value}`", var.name));
            }
        }
    }
}
