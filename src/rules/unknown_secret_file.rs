//! A variable names the file of a secret that is not there.

use super::{Applies, Findings, Rule};
use crate::diagnostics::{Severity, nearest};
use crate::key_path::KeyPath;
use crate::stack::{Delivery, EnvValue, EnvVar, SECRETS_FOLDER, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "unknown-secret-file",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A variable names the file of a secret that the service does not get",
    why: "Nothing is at that path: the program does not start, or goes on without the secret. Who has a secret in `secrets` gets the file and the variable with its path.",
    instead: "Name the secret in the `secrets` of the service, and leave the variable out.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    let services = stack.services.iter().map(|service| ("services", service.name.as_str(), &service.env));
    let containers = stack.backing_services.iter().filter_map(|store| Some(("backing_services", store.name.as_str(), &store.kind.container()?.env)));
    for (section, name, env) in services.chain(containers) {
        for var in env {
            let Some(secret) = named(var).filter(|secret| !is_there(stack, name, env, secret)) else { continue };
            if said.contains(&&var.declared) {
                continue;
            }
            said.push(&var.declared);
            let message = format!("`{name}` does not get the secret whose file `{}` names", var.name);
            found.with_help(var.declared.clone(), message, help(stack, [section, name], var, secret));
        }
    }
}

/// The secret whose file a variable names.
fn named(var: &EnvVar) -> Option<&str> {
    let EnvValue::Literal(text) = &var.value else { return None };
    text.strip_prefix(SECRETS_FOLDER)?.strip_prefix('/').filter(|name| !name.is_empty() && !name.contains('/'))
}

/// True if something puts a file there.
fn is_there(stack: &Stack, reader: &str, env: &[EnvVar], secret: &str) -> bool {
    let is_delivered = |var: &EnvVar| matches!(&var.value, EnvValue::Secret { name, deliver: Delivery::File } if name == secret);
    let path = format!("{SECRETS_FOLDER}/{secret}");
    let mut files = stack.mounted_files().filter(|(name, _)| name.as_str() == reader).flat_map(|(_, files)| files);
    let is_mounted =
        |service: &crate::stack::Service| service.name.as_str() == reader && service.volumes.iter().any(|mount| path.starts_with(mount.path.as_str()));
    env.iter().any(is_delivered) || files.any(|file| file.path.as_str() == path) || stack.services.iter().any(is_mounted)
}

fn help(stack: &Stack, at: [&str; 2], var: &EnvVar, secret: &str) -> String {
    let variable = var.name.strip_suffix("_FILE").unwrap_or(&var.name);
    let upper = secret.to_ascii_uppercase().replace(['-', '.'], "_");
    let known = nearest(&upper, stack.secrets.iter().map(|secret| secret.name.as_str()));
    let name = known.unwrap_or(if upper == variable || !stack.origins.is_written(&KeyPath::of(&["secrets", secret])) { variable } else { secret });
    let usage = if name == variable { String::new() } else { format!("as: {variable}") };
    let declared = if known.is_some() || stack.origins.is_written(&KeyPath::of(&["secrets", name])) {
        String::new()
    } else {
        format!(", and in the section `secrets` `{name}: {{}}`")
    };
    format!("Leave the variable out, and write `{name}: {{{usage}}}` in the `secrets` of `{}`{declared}: the file and `{variable}_FILE` come with it.", at[1])
}
