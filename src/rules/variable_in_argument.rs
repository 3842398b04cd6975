//! A variable in a command line that no shell reads.

use super::{Applies, Findings, Rule, quoted};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Backing, BackingService, Command, Delivery, EnvValue, EnvVar, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "variable-in-argument",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "An argument of a command stands for a variable that nothing puts there",
    why: "A list is what the program gets, item by item. Without a shell nothing is put in the place of `${NAME}`.",
    instead: "Let the program read the variable itself, or let a shell put it there: `[sh, -c, 'exec server --region \"$REGION\"']`.",
    check,
};

fn check(stack: &Stack, found: &mut Findings) {
    for Line { root, key, args, env, .. } in lines(stack).into_iter().filter(|line| !line.is_shell) {
        let named: Vec<(usize, Named<'_>)> = args.iter().enumerate().flat_map(|(at, arg)| variables(arg).into_iter().map(move |named| (at, named))).collect();
        let Some((at, _)) = named.first() else { continue };
        let list = quoted(named.iter().map(|(_, named)| named.whole));
        found.with_help(root.key(key).index(*at), format!("nothing is put in the place of {list}"), in_a_shell(stack, (&root, key, args), env));
    }
}

/// A command or an entry point.
pub struct Line<'s> {
    /// The service or backing service that has it.
    pub root: KeyPath,
    /// Its key there.
    pub key: &'static str,
    /// Its items.
    pub args: &'s [String],
    /// The variables that the program has.
    pub env: &'s [EnvVar],
    /// True if a shell reads it: a text of its own.
    pub is_shell: bool,
}

/// All commands and entry points.
pub fn lines(stack: &Stack) -> Vec<Line<'_>> {
    let services = stack.services.iter().map(|service| {
        let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
        (["services", service.name.as_str()], service.process.entrypoint.as_deref(), command, service.env.as_slice())
    });
    let stores = stack.backing_services.iter().filter_map(|store| {
        let container = store.kind.container()?;
        let command = store.server.as_ref().map(|server| server.command.as_slice()).unwrap_or_default();
        Some((["backing_services", store.name.as_str()], container.entrypoint.as_deref(), command, container.env.as_slice()))
    });
    let starts_shell = |args: &[String]| args.iter().any(|arg| calls::is_shell(arg));
    services
        .chain(stores)
        .flat_map(|(root, entrypoint, command, env)| {
            let entrypoint = entrypoint.unwrap_or_default();
            let is_shell = starts_shell(command) || starts_shell(entrypoint);
            [("command", command), ("entrypoint", entrypoint)].map(|(key, args)| Line { root: KeyPath::of(&root), key, args, env, is_shell })
        })
        .collect()
}

/// True for a secret that a file has.
pub fn is_file(var: &EnvVar) -> bool {
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

/// What stands in a text in place of a variable's value.
pub struct Named<'t> {
    /// All of it, such as `${PORT:-80}`.
    pub whole: &'t str,
    /// The name of the variable.
    pub name: &'t str,
}

/// Each `${NAME}`, `$(NAME)` and `$NAME` of a text.
pub fn variables(text: &str) -> Vec<Named<'_>> {
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
