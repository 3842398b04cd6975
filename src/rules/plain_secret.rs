//! A variable that looks secret has its value in the profile.

use super::typed_address::typed;
use super::{Applies, Findings, Rule, literal_variable, unknown_host};
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
const WORDS: [&str; 20] = [
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
    "_PASS",
    "_PWD",
    "APIKEY",
    "_SECRET_ID",
    "AUTH_KEY",
    "STRIPE_KEY",
    "KEY_BASE",
    "MASTER_KEY",
];

/// How values start that somebody hands out, and nobody may know.
const STARTS: [&str; 17] = [
    "-----BEGIN",
    "AKIA",
    "ASIA",
    "SG.",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "rk_live_",
    "rk_test_",
    "sk-proj-",
    "sk_live_",
    "sk_test_",
    "whsec_",
    "xoxb-",
    "xoxp-",
];

/// How names of secrets end that may as well be made up here.
const GENERATED: [&str; 5] = ["SECRET_KEY", "ENCRYPTION_KEY", "SIGNING_KEY", "SECRET", "KEY_BASE"];

/// Words in names of keys that everybody may know, and of those that name an entry and open nothing.
const OPEN: [&str; 7] = ["PUBLIC", "PUBLISHABLE", "PRIMARY", "FOREIGN", "SITE", "CACHE", "SEARCH"];

/// How keys start that everybody may know.
const OPEN_STARTS: [&str; 2] = ["pk_", "phc_"];

/// So many signs of a key are not typed by hand.
const RANDOM: usize = 32;

/// True for a key of any name whose value was drawn by lot: long, of letters and digits alone.
fn is_random_key(name: &str, value: &str) -> bool {
    let drawn = value.strip_prefix("base64:").unwrap_or(value).trim_end_matches('=');
    let mixed = drawn.contains(|c: char| c.is_ascii_digit()) && drawn.contains(|c: char| c.is_ascii_alphabetic());
    let is_key = name.ends_with("KEY") && !name.split('_').any(|word| OPEN.contains(&word)) && !OPEN_STARTS.iter().any(|start| value.starts_with(start));
    is_key && mixed && drawn.len() >= RANDOM && drawn.chars().all(|c| c.is_ascii_alphanumeric() || "+/_".contains(c))
}

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
        let EnvValue::Literal(value) = &var.value else { continue };
        let looks_secret = WORDS.iter().any(|word| name.ends_with(word)) || is_random_key(&name, value);
        // `typed-address`, `unknown-host` or `literal-variable` says it, and what to write.
        if typed(stack, var).is_some() || unknown_host::has_password(stack, var) || literal_variable::is_name_alone(value) {
            continue;
        }
        let is_handed_out = STARTS.iter().any(|start| value.starts_with(start) && value.len() > start.len() + 8);
        // A path or a setting of something secret is none itself; what a program reads in its place has a variable of its own.
        let is_setting = matches!(value.as_str(), "true" | "false" | "True" | "False" | "0" | "1") || value.starts_with('/');
        // Of an object store, it is the login's name; its secret has a variable of its own.
        let is_login =
            name.ends_with("ACCESS_KEY") && !name.contains("SECRET") && value.len() < 16 && value.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if is_handed_out || (looks_secret && !value.is_empty() && !is_setting && !is_login) || has_password(value) {
            let source = if is_handed_out || !GENERATED.iter().any(|word| name.ends_with(word)) { "source: external" } else { "" };
            let message = format!("`{}` is written in the profile", var.name);
            let help = format!(
                "Remove it, and write `{0}: {{}}` in the service's `secrets` and `secrets: {{{0}: {{{source}}}}}` in the profile; the value goes into the env file of each server. Take \
                 another one: this one was committed. The program finds it in the file that `{0}_FILE` names, or with `deliver: env` at the secret in `{0}`.",
                var.name
            );
            found.with_help(var.declared.clone(), message, help);
        }
    }
}
