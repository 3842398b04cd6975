//! A program does not read the file of its secret.

use super::{Applies, Findings, Rule, Surroundings};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::known_images;
use crate::package_files;
use crate::stack::{Delivery, EnvValue, EnvVar, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unread-secret",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A secret reaches a program as a file, and its framework reads variables alone",
    why: "A secret is a file whose path stands in `NAME_FILE`. Laravel, Rails and Keycloak read `NAME`, find nothing, and connect without a password.",
    instead: "Write `deliver: env` at the reference, or at the secret in the section `secrets`; or read the file in the application's own settings.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let mut said: Vec<KeyPath> = Vec::new();
    for service in &stack.services {
        let Some(title) = framework(stack, service, &found.around) else { continue };
        for var in &service.env {
            let EnvValue::Secret { name, deliver: Delivery::File } = &var.value else { continue };
            let (path, help) = fix(stack, var, name);
            if said.contains(&path) || is_read(service, &var.name, &found.around) {
                continue;
            }
            let message = format!("`{}` gets `{name}` as a file, and {title} reads no `{}_FILE`: it has no value", service.name, var.name);
            found.with_help(path.clone(), message, help);
            said.push(path);
        }
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        if !known_images::is_keycloak(container.image.name.as_str()) || container.entrypoint.is_some() {
            continue;
        }
        for var in &container.env {
            let EnvValue::Secret { name, deliver: Delivery::File } = &var.value else { continue };
            let (path, help) = fix(stack, var, name);
            if !said.contains(&path) {
                let message = format!("`{}` gets `{name}` as a file, and Keycloak reads no `{}_FILE`: it has no value", store.name, var.name);
                found.with_help(path.clone(), message, help);
                said.push(path);
            }
        }
    }
}

/// Where the way of a secret is said, and what to write there.
fn fix(stack: &Stack, var: &EnvVar, name: &str) -> (KeyPath, String) {
    let text = |key: &str| stack.origins.text(&var.declared.key(key));
    match text("from") {
        Some(from) => {
            let key = |key: &str| text(key).map(|value| format!(", {key}: {value}")).unwrap_or_default();
            (var.declared.clone(), format!("Write `{}: {{from: {from}{}{}, deliver: env}}`.", var.name, key("scheme"), key("path")))
        }
        None => {
            let declared = KeyPath::of(&["secrets", name]);
            let deliver = declared.key("deliver");
            if stack.origins.is_written(&deliver) {
                (deliver, "Write `deliver: env`.".to_owned())
            } else {
                (declared, format!("Add `deliver: env` to `{name}` in the section `secrets`."))
            }
        }
    }
}

/// The framework of a service that reads its settings from variables alone: by what it calls, or another one with the same image, or by
/// its packages.
pub fn framework(stack: &Stack, service: &Service, around: &Surroundings) -> Option<&'static str> {
    let of_image = || stack.services.iter().filter(|other| other.image.name == service.image.name && other.image.tag == service.image.tag);
    let called = |programs: &[&str]| of_image().any(|other| other.calls().iter().any(|call| call.first().is_some_and(|first| programs.contains(first))));
    let folder = service.build_context().map(ToString::to_string);
    let depends = |package: &str| folder.as_ref().is_some_and(|folder| package_files::depends_on(around.text, folder, &[package]).is_some());
    if known_images::is_keycloak(service.image.name.as_str()) && service.build_context().is_none() {
        Some("Keycloak")
    } else if called(&["artisan"]) || depends("laravel/framework") {
        Some("Laravel")
    } else if called(&["rails", "sidekiq"]) || depends("rails") {
        Some("Rails")
    } else {
        None
    }
}

/// True if something of the application's own may read the file.
fn is_read(service: &Service, variable: &str, around: &Surroundings) -> bool {
    let file = format!("{variable}_FILE");
    let by_command =
        service.process.entrypoint.is_some() || service.calls().concat().iter().any(|word| word.contains("_FILE") || word.contains("/run/secrets"));
    let Some(folder) = service.build_context().map(ToString::to_string) else { return by_command };
    let under = |path: &str| if folder == "." { path.to_owned() } else { format!("{folder}/{path}") };
    let settings = under("config");
    let speaks = |path: &String| (around.text)(path).is_some_and(|text| text.contains(&file));
    by_command || (around.names)(&settings).iter().map(|name| format!("{settings}/{name}")).any(|path| speaks(&path))
}
