//! A variable's value speaks of another environment.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, EnvironmentKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "value-of-another-environment",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable's value speaks of another environment",
    why: "A bucket, a queue or a project of production's that staging writes into is found out late: by what is missing there, or by mails to real people.",
    instead: "Write this environment's own value at the same path of this profile.",
    check,
};

/// How the names of variables end that choose how a program was built or is set up, which is alike in staging and production.
const MODES: [&str; 4] = ["_ENV", "SETTINGS_MODULE", "ASPNETCORE_ENVIRONMENT", "SPRING_PROFILES_ACTIVE"];

fn check(stack: &Stack, found: &mut Findings) {
    let others: &[&str] = match stack.environment {
        EnvironmentKind::Staging => &["production", "prod", "prd"],
        EnvironmentKind::Production => &["staging", "stage", "stg"],
        EnvironmentKind::Development => return,
    };
    for var in stack.variables() {
        let EnvValue::Literal(text) = &var.value else { continue };
        if stack.origins.text(&var.declared) != Some(text) || MODES.iter().any(|mode| var.name.ends_with(mode)) {
            continue;
        }
        let word = text.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| others.iter().any(|other| word.eq_ignore_ascii_case(other)));
        if let Some(word) = word {
            let message = format!("`{}` speaks of `{word}`, and this environment is {}", var.name, stack.environment.as_str());
            let help = format!("Write a value of its own for `{}` in the profile of this environment.", var.declared);
            found.with_help(var.declared.clone(), message, help);
        }
    }
}
