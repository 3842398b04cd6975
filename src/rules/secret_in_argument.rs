//! A secret in a command line.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, BackingService, Command, Delivery, EnvValue, EnvVar, Stack};

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
        look(stack, &root, (service.process.entrypoint.as_deref(), command), &service.env, found);
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        let command = store.server.as_ref().map(|server| server.command.as_slice()).unwrap_or_default();
        look(stack, &root, (container.entrypoint.as_deref(), command), &container.env, found);
    }
}

fn look(stack: &Stack, root: &KeyPath, (entrypoint, command): (Option<&[String]>, &[String]), env: &[EnvVar], found: &mut Findings) {
    // What a shell reads is text of its own.
    let starts_shell =
        |args: &[String]| args.iter().any(|arg| ["sh", "bash", "ash", "dash"].iter().any(|shell| arg == shell || arg.ends_with(&format!("/{shell}"))));
    let is_shell = starts_shell(command) || entrypoint.is_some_and(starts_shell);
    for (key, args) in [("command", command), ("entrypoint", entrypoint.unwrap_or_default())] {
        let path = |at: usize| root.key(key).index(at);
        let named: Vec<(usize, Named<'_>)> = args.iter().enumerate().flat_map(|(at, arg)| variables(arg).into_iter().map(move |named| (at, named))).collect();
        if is_shell {
            let in_file = |name: &str| env.iter().any(|var| var.name == name && is_file(var));
            for (at, Named { name, .. }) in named.into_iter().filter(|(_, named)| in_file(named.name)) {
                let help = format!("Write `$(cat \"${name}_FILE\")` there; better, let the program read that file itself.");
                found.with_help(path(at), format!("`${name}` is empty there: the secret is in a file, which `{name}_FILE` names"), help);
            }
            continue;
        }
        if let Some((at, _)) = named.first() {
            let quoted: Vec<String> = named.iter().map(|(_, named)| format!("`{}`", named.whole)).collect();
            let list = match quoted.split_last() {
                Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
                _ => quoted.concat(),
            };
            found.with_help(path(*at), format!("nothing is put in the place of {list}"), in_a_shell(stack, (root, key, args), env));
        }
        for (at, arg) in args.iter().enumerate().filter(|(_, arg)| variables(arg).is_empty()) {
            let (option, value) = arg.split_once('=').map_or((arg.as_str(), None), |(option, value)| (option, Some(value)));
            let value = value.or_else(|| args.get(at + 1).map(String::as_str).filter(|next| !next.starts_with('-')));
            if is_for_a_secret(option) && value.is_some_and(|value| !value.is_empty() && !value.starts_with('/') && variables(value).is_empty()) {
                found.at(path(at), format!("the value of `{option}` is written in the profile"));
            }
        }
    }
}

fn is_file(var: &EnvVar) -> bool {
    matches!(&var.value, EnvValue::Secret { deliver: Delivery::File, .. })
}

/// What to do where a shell would have put values: the same command by a shell, and the variables that it lacks.
fn in_a_shell(stack: &Stack, (root, key, args): (&KeyPath, &str, &[String]), env: &[EnvVar]) -> String {
    let service = stack.services.iter().find(|service| *root == KeyPath::of(&["services", service.name.as_str()]));
    let port = service.and_then(|service| service.port).filter(|_| env.iter().all(|var| var.name != "PORT"));
    let (mut words, mut lacking, mut secrets, mut files): (Vec<String>, Vec<String>, Vec<&str>, Vec<&str>) = Default::default();
    let mut is_port_alone = true;
    for arg in args {
        let mut text = arg.clone();
        for Named { whole, name } in variables(arg) {
            if let ("PORT", Some(port)) = (name, port) {
                text = text.replace(whole, &port.to_string());
                continue;
            }
            is_port_alone = false;
            let own = env.iter().find(|var| var.name == name);
            let store = stack.backing_services.iter().find(|store| own.is_none() && is_meant(store, &name.to_ascii_lowercase()));
            let in_file = own.map_or_else(|| store.is_some_and(|store| store.password.is_some()), is_file);
            match (own, store) {
                (Some(_), _) => {}
                (None, Some(store)) => lacking.push(format!("{name}: {{from: {}.url}}", store.name)),
                (None, None) if is_secret(name) => secrets.push(name),
                (None, None) => lacking.push(format!("{name}: {{param: {{required: true}}}}")),
            }
            let in_file = in_file || secrets.contains(&name);
            files.extend(in_file.then_some(name));
            text = text.replace(whole, &if in_file { format!("$(cat \"${name}_FILE\")") } else { format!("${name}") });
        }
        words.push(if variables(arg).is_empty() { word(arg) } else { format!("\"{text}\"") });
    }
    if let (true, Some(port)) = (is_port_alone, port) {
        return format!("Write `\"{port}\"`, the `port` of the service, in its place.");
    }
    let shell = format!("`{key}: [sh, -c, '{}']`", format!("exec {}", words.join(" ")).replace('\'', "''"));
    let mut steps = Vec::new();
    if !lacking.is_empty() {
        steps.push(format!("Write `env: {{{}}}`. ", lacking.join(", ")));
    }
    if !secrets.is_empty() {
        let names: Vec<String> = secrets.iter().map(|name| format!("{name}: {{}}")).collect();
        steps.push(format!("Write `secrets: {{{}}}`, here and as a section of the profile. ", names.join(", ")));
    }
    let step = steps.concat();
    let whose = match files.as_slice() {
        [] => "Let the program read the variable itself".to_owned(),
        [name, ..] => format!("The secret is in the file that `{name}_FILE` names: let the program read it itself"),
    };
    format!("{step}{whose}, or write {shell}.")
}

/// True for a backing service whose address a variable of this name, in small letters, is likely to have.
fn is_meant(store: &BackingService, name: &str) -> bool {
    let kind: &[&str] = match store.kind {
        Backing::Postgres { .. } => &["database", "db", "postgres", "pg"],
        Backing::Redis => &["redis", "cache", "broker", "celery"],
        Backing::Image(_) => &[],
    };
    name.ends_with("url") && (name.starts_with(&store.name.as_str().replace('-', "_")) || kind.iter().any(|word| name.starts_with(word)))
}

/// A word as a shell has to have it.
fn word(text: &str) -> String {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:=@,+".contains(c));
    if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`")) }
}

/// True for the name of a variable that looks like one of a secret.
fn is_secret(name: &str) -> bool {
    ["PASSWORD", "SECRET", "TOKEN", "KEY"].contains(&name.rsplit('_').next().unwrap_or_default())
}

/// True for `--password`, not for `--password-file`.
fn is_for_a_secret(option: &str) -> bool {
    let name = option.to_ascii_lowercase().replace(['-', '_'], "");
    option.starts_with('-') && SECRET.iter().any(|word| name.ends_with(word))
}

/// What stands in a text in place of a variable's value.
struct Named<'t> {
    /// All of it, such as `${PORT:-80}`.
    whole: &'t str,
    /// The name of the variable.
    name: &'t str,
}

/// Each `${NAME}`, `$(NAME)` and `$NAME` of a text.
fn variables(text: &str) -> Vec<Named<'_>> {
    let named = |(at, _): (usize, &str)| {
        let rest = &text[at + 1..];
        let is_name =
            |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let open = rest.strip_prefix('{').map(|rest| ('}', rest)).or_else(|| rest.strip_prefix('(').map(|rest| (')', rest)));
        if let Some((close, inside)) = open {
            let inside = &inside[..inside.find(close)?];
            let name = inside.split([':', '-', '?']).next().filter(|name| is_name(name))?;
            return Some(Named { whole: &text[at..at + inside.len() + 3], name });
        }
        // Names in small letters are seldom variables, and `$` ends many a pattern.
        let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
        (end > 1 && is_name(&rest[..end])).then(|| Named { whole: &text[at..=at + end], name: &rest[..end] })
    };
    text.match_indices('$').filter_map(named).collect()
}
