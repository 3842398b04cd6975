//! A secret in a command line.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-in-argument",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "An argument of a command is a secret, or stands for a variable that nothing puts there",
    why: "A command is committed with the profile, and everybody on the host sees it in the list of processes. Without a shell nothing is put in the place of `${NAME}`.",
    instead: "Give the secret by `secrets`, and let a shell read its file: `[sh, -c, 'exec server --password \"$(cat /run/secrets/NAME)\"']`; better, use an option that takes a file.",
    check,
};

/// Ends of options for secrets.
const SECRET: [&str; 6] = ["password", "passwd", "requirepass", "secret", "token", "apikey"];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
        look(&root, "command", command, found);
        look(&root, "entrypoint", service.process.entrypoint.as_deref().unwrap_or_default(), found);
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        look(&root, "command", store.server.as_ref().map(|server| server.command.as_slice()).unwrap_or_default(), found);
        look(&root, "entrypoint", container.entrypoint.as_deref().unwrap_or_default(), found);
    }
}

fn look(root: &KeyPath, key: &'static str, args: &[String], found: &mut Findings) {
    // What a shell reads is text of its own.
    let is_shell = args.iter().any(|arg| ["sh", "bash", "ash", "dash"].iter().any(|shell| arg == shell || arg.ends_with(&format!("/{shell}"))));
    for (at, arg) in args.iter().enumerate().filter(|_| !is_shell) {
        let path = root.key(key).index(at);
        let (option, value) = arg.split_once('=').map_or((arg.as_str(), None), |(option, value)| (option, Some(value)));
        let value = value.or_else(|| args.get(at + 1).map(String::as_str).filter(|next| !next.starts_with('-')));
        if let Some(name) = variable(arg) {
            found.at(path, format!("nothing is put in the place of `${{{name}}}`"));
        } else if is_for_a_secret(option) && value.is_some_and(|value| !value.is_empty() && !value.starts_with('/') && variable(value).is_none()) {
            found.at(path, format!("the value of `{option}` is written in the profile"));
        }
    }
}

/// True for `--password`, not for `--password-file`.
fn is_for_a_secret(option: &str) -> bool {
    let name = option.to_ascii_lowercase().replace(['-', '_'], "");
    option.starts_with('-') && SECRET.iter().any(|word| name.ends_with(word))
}

/// The name in the first `${NAME}` of a text.
fn variable(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("${")?;
    let inside = rest.split_once('}')?.0;
    let name = inside.split([':', '-', '?']).next()?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(name)
}
