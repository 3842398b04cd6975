//! A variable that looks secret has its value in the profile.

use super::typed_address::typed;
use super::{Applies, Findings, Rule, unknown_host};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "plain-secret",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A variable that looks secret has its value in the profile",
    why: "The profile is committed, and so is the value; everybody who reads the repository has it.",
    instead: "Declare it in `secrets` and name it in the service's `secrets`.",
    check,
};

/// How names of secrets end.
const WORDS: [&str; 12] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRET_KEY",
    "TOKEN",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "ENCRYPTION_KEY",
    "SIGNING_KEY",
    "CREDENTIALS",
];

/// True for `SCHEME://USER:PASSWORD@...`.
fn has_password(value: &str) -> bool {
    let authority = value.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty() && !is_variable(password))
}

/// True for `${NAME}`: what stands there is no password, and `literal-variable` says what it is.
fn is_variable(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}

fn check(stack: &Stack, found: &mut Findings) {
    for var in stack.variables() {
        let name = var.name.to_ascii_uppercase();
        let looks_secret = WORDS.iter().any(|word| name.ends_with(word));
        let EnvValue::Literal(value) = &var.value else { continue };
        // `typed-address` or `unknown-host` says it, and what to write.
        if typed(stack, var).is_some() || unknown_host::has_password(stack, var) {
            continue;
        }
        if (looks_secret && !value.is_empty()) || has_password(value) {
            found.at(var.declared.clone(), format!("`{}` is written in the profile", var.name));
        }
    }
}
