//! A server is not told its password: it does not start, or starts with one that everybody knows.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::{Delivery, EnvValue, EnvVar, EnvironmentKind, KnownServer, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "password-not-told",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A server is not told the password that its image does not start without, or starts with one that everybody knows",
    why: "The container ends at once, with a message in its own log: MySQL without a password of root, Meilisearch in production without its master key. MinIO starts, with `minioadmin` as user and password, for everybody who reaches it.",
    instead: "Give it the secret by the name that the image reads: `secrets: {DATABASE_PASSWORD: {as: MYSQL_ROOT_PASSWORD}}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for server in stack.known_servers() {
        if !server.image.built_in.is_empty() {
            built_in(stack, &server, found);
            continue;
        }
        let image = server.image;
        if image.needs.is_empty() || is_told(&server) || !is_strict(&server) {
            continue;
        }
        let variable = image.needs[0];
        // A file of it is there, and the image reads none.
        let unread = server.env.iter().find_map(|var| match &var.value {
            EnvValue::Secret { name, deliver: Delivery::File } if var.name == variable => Some((var, name)),
            _ => None,
        });
        match unread {
            Some((var, name)) => {
                let message = format!("{} does not read `{variable}_FILE`, by which `{}` gets `{name}`, and does not start without", image.title, server.name);
                let others = stack.secret(name).is_some_and(|secret| secret.readers.len() > 1);
                match image.program.filter(|_| others) {
                    Some(program) => {
                        let help = format!("Let a shell read it: `command: [sh, -c, '{variable}=\"$(cat \"${variable}_FILE\")\" exec {program}']`.");
                        found.with_help(var.declared.clone(), message, help);
                    }
                    None => {
                        let section = KeyPath::of(&["secrets", name]);
                        let path = if stack.origins.is_written(&section.key("deliver")) { section.key("deliver") } else { section };
                        found.with_help(path, message, format!("Write `{name}: {{deliver: env}}` in the section `secrets`."));
                    }
                }
            }
            None => {
                let message = format!("{} does not start without `{variable}`, and `{}` does not get it", image.title, server.name);
                if let Some((var, name, meant)) = misspelt(&server) {
                    let short = if name == meant { format!("`{name}: {{}}`") } else { format!("`{name}: {{as: {meant}}}`") };
                    found.with_help(var.declared.clone(), format!("{message}: it gets `{}`", var.name), format!("Did you mean `{meant}`? Write {short}."));
                    continue;
                }
                found.with_help(place(stack, &server), message, add(stack, &server, &[variable]));
            }
        }
    }
}

/// A secret that arrives by a name which is nearly one that the image does not start without.
fn misspelt<'s>(server: &KnownServer<'s>) -> Option<(&'s EnvVar, &'s str, &'static str)> {
    let image = server.image;
    server.env.iter().find_map(|var| {
        let EnvValue::Secret { name, .. } = &var.value else { return None };
        if image.passwords.contains(&var.name.as_str()) {
            return None;
        }
        let known = image.passwords.iter().chain(image.needs).copied();
        nearest(&var.name, known).filter(|meant| image.needs.contains(meant)).map(|meant| (var, name.as_str(), meant))
    })
}

/// A server that starts with a login that everybody knows, unless it gets both user and password.
fn built_in(stack: &Stack, server: &KnownServer, found: &mut Findings) {
    let (image, wanted) = (server.image, [server.image.user, server.image.passwords[0]]);
    // Whoever tries it out at his own place may know the login.
    if stack.environment == EnvironmentKind::Development || server.has_files || server.entrypoint.is_some() {
        return;
    }
    let is_told = |name: &str| server.env.iter().any(|var| var.name.trim_end_matches("_FILE") == name) || server.speaks_of(name);
    // Names of before 2021, and a file with settings.
    if ["MINIO_ACCESS_KEY", "MINIO_CONFIG_ENV_FILE"].iter().any(|name| is_told(name)) || server.speaks_of("--config") {
        return;
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !is_told(name)).collect();
    let message = match missing.as_slice() {
        [] => return,
        [one] => format!("{} does not start without `{one}` where there is the other half of its login, and `{}` does not get it", image.title, server.name),
        _ => format!("`{}` starts with the login that everybody knows of {}: `{}` is user and password", server.name, image.title, image.built_in),
    };
    found.with_help(place(stack, server), message, add(stack, server, &missing));
}

/// Where secrets are added.
fn place(stack: &Stack, server: &KnownServer) -> KeyPath {
    let secrets = server.path.key("secrets");
    if stack.origins.is_written(&secrets) { secrets } else { server.path.clone() }
}

/// What adds secrets of these names to a server.
fn add(stack: &Stack, server: &KnownServer, names: &[&str]) -> String {
    let entry = if server.image.reads_files { "{}" } else { "{deliver: env}" };
    let list = |entry: &str, names: &[&str], between: &str| names.iter().map(|name| format!("{name}: {entry}")).collect::<Vec<_>>().join(between);
    let undeclared: Vec<&str> = names.iter().copied().filter(|name| !(server.image.reads_files && stack.secret(name).is_some())).collect();
    let declared = if undeclared.is_empty() { String::new() } else { format!(", and `{}` in the section `secrets`", list(entry, &undeclared, "` and `")) };
    if stack.origins.is_written(&server.path.key("secrets")) {
        format!("Add `{}` to the `secrets` of `{}`{declared}.", list("{}", names, "` and `"), server.name)
    } else {
        format!("Add `secrets: {{{}}}` to `{}`{declared}.", list("{}", names, ", "), server.name)
    }
}

/// True if the image insists on it.
fn is_strict(server: &KnownServer) -> bool {
    let is_production = |text: &str| text.eq_ignore_ascii_case("production");
    // Meilisearch does so in production.
    server.image.name != "meilisearch"
        || server.env.iter().any(|var| var.name == "MEILI_ENV" && matches!(&var.value, EnvValue::Literal(text) if is_production(text)))
}

/// True if a variable, a command or a file may say it.
fn is_told(server: &KnownServer) -> bool {
    let image = server.image;
    let arrives = |value: &EnvValue| image.reads_files || !matches!(value, EnvValue::Secret { deliver: Delivery::File, .. });
    let is_named = |name: &str| image.needs.iter().any(|known| *known == name || (image.reads_files && name.strip_suffix("_FILE") == Some(known)));
    let by_variable = server.env.iter().any(|var| is_named(&var.name) && arrives(&var.value));
    by_variable || server.has_files || !server.command.is_empty() || server.entrypoint.is_some()
}
