//! Debug output is on where users are served.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::{EnvValue, EnvironmentKind, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "debug-in-production",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "Debug output is on, or a framework is in its mode for development, where users are served",
    why: "Debug logs and debug pages show secrets and internals, and cost time with each request.",
    instead: "Set `LOG_LEVEL: INFO` and leave `DEBUG` out, or set them in the development profile only.",
    check,
};

/// Variables that switch debug output on and off.
const SWITCHES: [&str; 6] = ["DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "APP_DEBUG", "DEBUG_MODE", "WERKZEUG_DEBUG"];
/// What is on, and how off is written then.
const ON: [(&str, &str); 5] = [("1", "\"0\""), ("true", "\"false\""), ("yes", "\"no\""), ("on", "\"off\""), ("*", "\"\"")];
/// Variables that are the mode of a framework, and the mode for users.
const MODES: [(&str, &str); 12] = [
    ("FLASK_ENV", "production"),
    ("NODE_ENV", "production"),
    ("RAILS_ENV", "production"),
    ("RACK_ENV", "production"),
    ("GIN_MODE", "release"),
    ("MIX_ENV", "prod"),
    ("SPRING_PROFILES_ACTIVE", "prod"),
    ("ASPNETCORE_ENVIRONMENT", "Production"),
    ("DOTNET_ENVIRONMENT", "Production"),
    (APPLICATION, "production"),
    ("ENVIRONMENT", "production"),
    ("APP_ENVIRONMENT", "production"),
];
/// This one and those behind it are names that applications choose: on staging they may mean anything.
const APPLICATION: &str = "APP_ENV";
const DEVELOPMENT: [&str; 5] = ["dev", "development", "develop", "local", "debug"];

fn check(stack: &Stack, found: &mut Findings) {
    let production = stack.environment == EnvironmentKind::Production;
    for service in &stack.services {
        for var in &service.env {
            let (value, key) = match &var.value {
                EnvValue::Literal(value) => (value.as_str(), None),
                EnvValue::Parameter(name) => (stack.parameter(name).map(|parameter| parameter.default.as_str()).unwrap_or_default(), Some("default")),
                EnvValue::Secret { .. } => continue,
            };
            if let Some(instead) = instead(&var.name.to_ascii_uppercase(), value, production) {
                let key = key.unwrap_or(&var.name);
                let help = format!("Write `{key}: {instead}`; `{value}` belongs into the development profile.");
                found.with_help(var.declared.clone(), format!("`{}` is `{value}`", var.name), help);
            }
        }
    }
}

/// What to write for a value that switches debug output on.
fn instead(name: &str, value: &str, production: bool) -> Option<String> {
    let small = value.to_ascii_lowercase();
    if SWITCHES.contains(&name) {
        return ON.iter().find(|(on, _)| *on == small).map(|(_, off)| if value == "True" { "\"False\"".into() } else { (*off).to_owned() });
    }
    if let Some(at) = MODES.iter().position(|mode| mode.0 == name) {
        let is_own = MODES.iter().position(|mode| mode.0 == APPLICATION).is_some_and(|first| at >= first);
        let is_development = small.split(',').any(|mode| DEVELOPMENT.contains(&mode.trim()));
        return (is_development && (production || !is_own)).then(|| MODES[at].1.to_owned());
    }
    // A level for one part of the program alone is somebody's wish.
    let is_level = name.ends_with("LOG_LEVEL") || ["LOGLEVEL", "RUST_LOG", "LOGGING_LEVEL_ROOT"].contains(&name);
    (is_level && ["debug", "trace"].contains(&small.as_str())).then(|| if small == value { "info".into() } else { "INFO".into() })
}
