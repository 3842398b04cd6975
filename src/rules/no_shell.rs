//! What only a shell understands is an argument.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, Service, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "no-shell",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A command has an item that only a shell understands",
    why: "A list is what the program gets, item by item. No shell reads it, so that `&&`, `|` and `>` are arguments of the first program.",
    instead: "Let a shell do it: `command: [sh, -c, \"FIRST && exec SECOND\"]`; what a release does first is a service of `kind: release`.",
    check,
};

/// Such items.
pub const SIGNS: [&str; 11] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1", "1>&2"];

/// What belongs to a release: how its call starts.
pub const RELEASE: &[&[&str]] = &[
    &["alembic", "upgrade"],
    &["manage.py", "migrate"],
    &["django-admin", "migrate"],
    &["artisan", "migrate"],
    &["artisan", "db:seed"],
    &["flask", "db", "upgrade"],
    &["rails", "db:migrate"],
    &["rails", "db:prepare"],
    &["rake", "db:migrate"],
    &["rake", "db:prepare"],
    &["sequelize", "db:migrate"],
    &["typeorm", "migration:run"],
    &["prisma", "migrate", "deploy"],
    &["knex", "migrate:latest"],
    &["aerich", "upgrade"],
    &["yoyo", "apply"],
];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let command = if let (Command::Args(args), None) = (&service.command, &service.process.entrypoint) { args.as_slice() } else { &[] };
        let entrypoint = service.process.entrypoint.as_deref().unwrap_or_default();
        let health = service.health.command.as_deref().unwrap_or_default();
        for (path, args) in [(root.key("command"), command), (root.key("entrypoint"), entrypoint), (root.key("health").key("command"), health)] {
            if let Some((message, words)) = split_wrongly(args) {
                found.with_help(path.clone(), message, format!("Write `{}: {words}`.", path.0.last().map(ToString::to_string).unwrap_or_default()));
                continue;
            }
            // `find` has a `;` of its own.
            let sign = args.iter().position(|arg| SIGNS.contains(&arg.as_str())).filter(|at| *at > 0 && !args[0].ends_with("find"));
            let Some(at) = sign else { continue };
            let message = format!("no shell reads `{}`: it is an argument of `{}`", args[at], args[0]);
            let help = release(stack, service, args, &path).unwrap_or_else(|| in_a_shell(args, &path));
            found.with_help(path.index(at), message, help);
        }
    }
}

/// A whole line as one word, or a line for a shell as several: what is wrong, and how it is written.
fn split_wrongly(args: &[String]) -> Option<(String, String)> {
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " _-./:=@,+".contains(c));
    match args {
        [line] if line.trim().contains(' ') && is_plain(line) => {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            Some((format!("`{line}` is one word: no program is called that"), list(&words)))
        }
        [shell, option, first, rest @ ..] if calls::is_shell(shell) && option == "-c" && !rest.is_empty() && !first.contains(' ') && !first.contains('$') => {
            let line = args[2..].join(" ");
            let message = format!("the shell runs `{first}` alone: what follows are arguments of the shell");
            Some((message, format!("[{shell}, -c, \"exec {}\"]", line.replace('\\', "\\\\").replace('"', "\\\""))))
        }
        _ => None,
    }
}

/// The two services that migrations and a server are.
fn release(stack: &Stack, service: &Service, args: &[String], path: &KeyPath) -> Option<String> {
    let at = args.iter().position(|arg| arg == "&&")?;
    let (first, rest) = (&args[..at], &args[at + 1..]);
    let called = calls::calls(&first.iter().map(String::as_str).collect::<Vec<_>>());
    let is_release = path.0.len() == 3 && called.first().is_some_and(|call| RELEASE.iter().any(|start| call.starts_with(start)));
    if !is_release || rest.is_empty() || rest.iter().any(|arg| SIGNS.contains(&arg.as_str())) {
        return None;
    }
    let name = if stack.services.iter().any(|known| known.name.as_str() == "migrate") { format!("{}-migrate", service.name) } else { "migrate".into() };
    let waits = if service
        .depends_on
        .iter()
        .any(|dependency| stack.origins.is_written(&KeyPath::of(&["services", service.name.as_str(), "depends_on", dependency.name.as_str()])))
    {
        format!("add `{name}: completed` to its `depends_on`")
    } else {
        format!("`depends_on: {{{name}: completed}}`")
    };
    Some(format!(
        "Add a service that is done once, before the others start: `{name}: {{kind: release, like: {}, command: {}}}`. Here write `command: {}` and {waits}.",
        stack.origins.text(&KeyPath::of(&["services", service.name.as_str(), "like"])).unwrap_or(service.name.as_str()),
        list(first),
        list(rest)
    ))
}

fn in_a_shell(args: &[String], path: &KeyPath) -> String {
    let key = path.0.last().map(ToString::to_string).unwrap_or_default();
    // Behind `sh -c` only one item is the text.
    let words = if args.len() > 2 && calls::is_shell(&args[0]) && args[1].starts_with('-') { &args[2..] } else { args };
    let last = words.iter().rposition(|word| ["&&", ";"].contains(&word.as_str()));
    let has_pipe = words.iter().skip(last.map_or(0, |at| at + 1)).any(|word| ["|", "||", "&"].contains(&word.as_str()));
    let mut text = Vec::new();
    for (at, word) in words.iter().enumerate() {
        // The last program takes the place of the shell: it gets the signals.
        if path.0.len() == 3 && !has_pipe && at == last.map_or(0, |at| at + 1) && word != "exec" {
            text.push("exec".to_owned());
        }
        let is_plain =
            words.len() < args.len() || SIGNS.contains(&word.as_str()) || word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:=@,+$".contains(c));
        text.push(if is_plain { word.clone() } else { format!("\"{word}\"") });
    }
    format!("Write `{key}: [sh, -c, '{}']`.", text.join(" ").replace('\'', "''"))
}

/// A list as YAML has it in one line.
fn list(words: &[String]) -> String {
    let item = |word: &String| {
        let is_plain =
            word.starts_with(|c: char| c.is_ascii_alphabetic() || "/.-".contains(c)) && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./=".contains(c));
        if is_plain { word.clone() } else { format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")) }
    };
    format!("[{}]", words.iter().map(item).collect::<Vec<_>>().join(", "))
}
