//! A server is not told the password that it does not start without.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images::{self, KnownImage};
use crate::stack::{BackingService, Container, Delivery, EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "password-not-told",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A server is not told the password that its image does not start without",
    why: "The container ends at once, with a message in its own log: MySQL without a password of root, Meilisearch in production without its master key.",
    instead: "Give it the secret by the name that the image reads: `secrets: {DATABASE_PASSWORD: {as: MYSQL_ROOT_PASSWORD}}`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let Some(image) = known_images::known(container.image.name.as_str()) else { continue };
        if image.needs.is_empty() || is_told(store, container, image) || !is_strict(container, image) {
            continue;
        }
        let variable = image.needs[0];
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        // A file of it is there, and the image reads none.
        let unread = container.env.iter().find_map(|var| match &var.value {
            EnvValue::Secret { name, deliver: Delivery::File } if var.name == variable => Some((var, name)),
            _ => None,
        });
        match unread {
            Some((var, name)) => {
                let message = format!("{} does not read `{variable}_FILE`, by which `{}` gets `{name}`, and does not start without", image.title, store.name);
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
                let message = format!("{} does not start without `{variable}`, and `{}` does not get it", image.title, store.name);
                let at = if stack.origins.is_written(&root.key("secrets")) { root.key("secrets") } else { root };
                let declared = match (stack.secret(variable).is_some(), image.reads_files) {
                    (true, true) => String::new(),
                    (false, true) => format!(", and `{variable}: {{}}` in the section `secrets`"),
                    (_, false) => format!(", and `{variable}: {{deliver: env}}` in the section `secrets`"),
                };
                let add = if at.0.len() == 3 { format!("`{variable}: {{}}` to the `secrets`") } else { format!("`secrets: {{{variable}: {{}}}}`") };
                found.with_help(at, message, format!("Add {add} of `{}`{declared}.", store.name));
            }
        }
    }
}

/// True if the image insists on it.
fn is_strict(container: &Container, image: &KnownImage) -> bool {
    let is_production = |text: &str| text.eq_ignore_ascii_case("production");
    // Meilisearch does so in production.
    image.name != "meilisearch"
        || container.env.iter().any(|var| var.name == "MEILI_ENV" && matches!(&var.value, EnvValue::Literal(text) if is_production(text)))
}

/// True if a variable, a command or a file may say it.
fn is_told(store: &BackingService, container: &Container, image: &KnownImage) -> bool {
    let arrives = |value: &EnvValue| image.reads_files || !matches!(value, EnvValue::Secret { deliver: Delivery::File, .. });
    let is_named = |name: &str| image.needs.iter().any(|known| *known == name || (image.reads_files && name.strip_suffix("_FILE") == Some(known)));
    let by_variable = container.env.iter().any(|var| is_named(&var.name) && arrives(&var.value));
    let elsewhere = store.server.as_ref().is_none_or(|server| !server.files.is_empty() || !server.command.is_empty());
    by_variable || elsewhere || container.entrypoint.is_some()
}
