//! A connection string has a login that the image is never told.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images::{self, KnownImage};
use crate::stack::{BackingService, Container, Delivery, EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "login-unknown-to-image",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "The connection string of a container has a user or a password that its image is not told",
    why: "The server starts with a login of its own, and everybody who connects with that string is refused.",
    instead: "Name the user in the variable that the image makes it from, and give the password by the name that the image reads: `secrets: {QUEUE_PASSWORD: {as: RABBITMQ_DEFAULT_PASS}}`.",
    check,
};

/// Logins that servers have by themselves.
const BUILT_IN: [&str; 9] = ["admin", "default", "elastic", "guest", "minioadmin", "neo4j", "postgres", "root", "sa"];

fn check(stack: &Stack, found: &mut Findings) {
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let image = known_images::known(container.image.name.as_str());
        user(store, container, image, found);
        password(stack, store, container, image, found);
    }
}

/// The user is one that somebody makes.
fn user(store: &BackingService, container: &Container, image: Option<&KnownImage>, found: &mut Findings) {
    let Some(user) = container.url.as_ref().map(|url| url.user.as_str()).filter(|user| !user.is_empty() && !BUILT_IN.contains(user)) else { return };
    // A file, a command or a value that each server decides may say it, too.
    // What makes the user says another one.
    let users = image.map(KnownImage::users).unwrap_or_default();
    let other =
        container.env.iter().find(|var| users.contains(&var.name.as_str()) && matches!(&var.value, EnvValue::Literal(text) if text != user && text != "root"));
    if let (Some(var), true) = (other, store.server.as_ref().is_some_and(|server| server.files.is_empty())) {
        let message = format!("nobody makes the user `{user}` of `{}`: `{}` has another name", store.name, var.name);
        found.with_help(var.declared.clone(), message, format!("Write `{}: {user}`; or that name as `user` of its `url`.", var.name));
        return;
    }
    let is_told =
        container.env.iter().any(|var| matches!(&var.value, EnvValue::Literal(text) if text.contains(user)) || matches!(var.value, EnvValue::Parameter(_)));
    let elsewhere = store.server.as_ref().is_some_and(|server| !server.files.is_empty() || server.command.iter().any(|word| word.contains(user)));
    if is_told || elsewhere || container.entrypoint.is_some() {
        return;
    }
    let path = KeyPath::of(&["backing_services", store.name.as_str(), "url", "user"]);
    let message = format!("nobody makes the user `{user}` of `{}`", store.name);
    match image {
        Some(KnownImage { user: variable, .. }) if !variable.is_empty() => {
            let key = if container.env.iter().any(|var| var.name == *variable) { "write" } else { "add" };
            found.with_help(path, message, format!("In its `env`, {key} `{variable}: {user}`."));
        }
        // What nothing is known of, and that is told nothing at all.
        None if container.env.iter().all(|var| matches!(var.value, EnvValue::Secret { .. })) => {
            found.with_help(
                path,
                message,
                format!("Name it in the variable that the image makes it from, such as `env: {{APP_USER: {user}}}`: its documentation has the name."),
            );
        }
        _ => {}
    }
}

/// The password arrives by the name that the image knows, and in the way that it reads.
fn password(stack: &Stack, store: &BackingService, container: &Container, image: Option<&KnownImage>, found: &mut Findings) {
    let Some((image, password)) = image.zip(store.password.as_deref()) else { return };
    let Some((var, deliver)) = container.env.iter().find_map(|var| match &var.value {
        EnvValue::Secret { name, deliver } if name == password => Some((var, *deliver)),
        _ => None,
    }) else {
        return;
    };
    let (variable, title) = (image.passwords[0], image.title);
    // A file or a command of its own may read any variable.
    if container.entrypoint.is_some() || store.server.as_ref().is_some_and(|server| !server.files.is_empty() || !server.command.is_empty()) {
        return;
    }
    if !image.passwords.contains(&var.name.trim_end_matches("_FILE")) {
        let way = if image.reads_files { "" } else { ", and `deliver: env` at the secret in the section `secrets`: the image reads no files" };
        let message = format!("{title} does not read the password of `{}` from `{}`", store.name, var.name);
        found.with_help(var.declared.clone(), message, format!("Write `{password}: {{as: {variable}}}`{way}."));
    } else if deliver == Delivery::File && !image.reads_files {
        let message = format!("{title} does not read `{}_FILE`, by which `{}` gets `{password}`", var.name, store.name);
        let at = stack.origins.is_written(&KeyPath::of(&["secrets", password, "deliver"]));
        let path = if at { KeyPath::of(&["secrets", password, "deliver"]) } else { KeyPath::of(&["secrets", password]) };
        found.with_help(path, message, format!("Write `{password}: {{deliver: env}}` in the section `secrets`."));
    }
}
