//! A server listens to its own container alone.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, Service, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "loopback-only",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A server with a port listens to its own container alone",
    why: "At 127.0.0.1, which is the default of most servers of Python, nobody outside the container reaches it: neither the edge nor another service.",
    instead: "Let it listen on all addresses of the container, by an option such as `--host`, `0.0.0.0`.",
    check,
};

/// Servers that listen on 127.0.0.1 unless told otherwise: how the command starts, the option that says it, and how it is written.
const SERVERS: [(&[&str], &[&str], bool); 6] = [
    (&["uvicorn"], &["--host", "--uds", "--fd"], false),
    (&["gunicorn"], &["--bind", "-b"], true),
    (&["hypercorn"], &["--bind", "-b"], true),
    (&["daphne"], &["--bind", "-b", "-u", "-e", "--endpoint", "--fd"], false),
    (&["flask", "run"], &["--host", "-h"], false),
    (&["fastapi", "dev"], &["--host"], false),
];

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.port.is_some()) {
        by_variable(service, found);
        let Command::Args(args) = &service.command else { continue };
        // What a shell, another program or a file decides is not known.
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let words = match words.as_slice() {
            [python, "-m", rest @ ..] if python.starts_with("python") => rest,
            [first, rest @ ..] if first.ends_with("manage.py") => {
                look_at_django(service, rest, found);
                continue;
            }
            [python, script, rest @ ..] if python.starts_with("python") && script.ends_with("manage.py") => {
                look_at_django(service, rest, found);
                continue;
            }
            all => all,
        };
        let name = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
        let is_started = |server: &[&str]| words.len() >= server.len() && name(words[0]) == server[0] && words[1..server.len()] == server[1..];
        let Some((server, options, with_port)) = SERVERS.iter().find(|(server, ..)| is_started(server)) else { continue };
        // gunicorn has a variable more: with `PORT` it listens on all addresses.
        let has_port = server[0] == "gunicorn" && service.env.iter().any(|var| var.name == "PORT");
        let by_environment =
            service.env.iter().any(|var| ["UVICORN_", "GUNICORN_", "FLASK_RUN_", "HYPERCORN_"].iter().any(|start| var.name.starts_with(start)));
        if has_port || by_environment || words.iter().any(|word| word.starts_with("-c") || word.starts_with("--config")) {
            continue;
        }
        let option = |word: &str| options.iter().any(|option| word == *option || word.starts_with(&format!("{option}=")));
        let given: Vec<(&str, &str)> = words
            .iter()
            .enumerate()
            .filter(|(_, word)| option(word))
            .map(|(at, word)| word.split_once('=').unwrap_or_else(|| (word, words.get(at + 1).copied().unwrap_or_default())))
            .collect();
        if !given.iter().all(|(_, value)| ["127.", "localhost", "[::1]"].iter().any(|start| value.starts_with(start))) {
            continue;
        }
        let port = service.port.map_or(8000, crate::values::Port::get);
        let address = if *with_port { format!("\"0.0.0.0:{port}\"") } else { "0.0.0.0".into() };
        let step = if let Some((option, value)) = given.first() {
            format!("Write `{address}` in place of `{value}` behind `{option}`")
        } else if *with_port || words.iter().any(|word| word.starts_with("--port") || *word == "-p") {
            format!("Add `{}, {address}` to the command", options[0])
        } else {
            format!("Add `{}, {address}, --port, \"{port}\"` to the command", options[0])
        };
        report(service, &server.join(" "), format!("{step}."), found);
    }
}

/// Variables with the address that a server listens on; `HOST` is many other things.
const VARIABLES: [&str; 8] = ["HOSTNAME", "UVICORN_HOST", "FLASK_RUN_HOST", "NITRO_HOST", "NUXT_HOST", "SERVER_ADDRESS", "LISTEN_ADDRESS", "ASPNETCORE_URLS"];

/// An address that a variable says.
fn by_variable(service: &Service, found: &mut Findings) {
    let own = KeyPath::of(&["services", service.name.as_str()]);
    for var in service.env.iter().filter(|var| VARIABLES.contains(&var.name.as_str()) && var.declared.0.starts_with(&own.0)) {
        let EnvValue::Literal(text) = &var.value else { continue };
        let (scheme, rest) = text.split_once("://").map_or(("", text.as_str()), |(scheme, rest)| (scheme, rest));
        let Some(own) = ["127.0.0.1", "localhost"].into_iter().find(|own| rest.split(':').next() == Some(own)) else { continue };
        let right = format!("{scheme}{}{}", if scheme.is_empty() { "" } else { "://" }, rest.replacen(own, "0.0.0.0", 1));
        let message = format!("`{}` lets `{}` listen on {own}, where only its own container reaches it", var.name, service.name);
        found.with_help(var.declared.clone(), message, format!("Write `{}: {right}`.", var.name));
    }
}

/// `manage.py runserver` takes the address as a word of its own.
fn look_at_django(service: &Service, args: &[&str], found: &mut Findings) {
    let is_open = |word: &&str| word.starts_with("0.0.0.0") || word.starts_with("0:") || word.starts_with('[');
    if args.first() == Some(&"runserver") && !args.iter().any(is_open) {
        let port = service.port.map_or(8000, crate::values::Port::get);
        // Only an image that is built here has `run`.
        let server = if service.build.is_some() {
            "`run: {server: gunicorn, app: \"PROJECT.wsgi:application\", interface: wsgi}` in place of the command".to_owned()
        } else {
            format!("`command: [gunicorn, --bind, \"0.0.0.0:{port}\", \"PROJECT.wsgi:application\"]`")
        };
        let help = format!("Add `\"0.0.0.0:{port}\"` to the command; for more than development, {server}.");
        report(service, "runserver", help, found);
    }
}

fn report(service: &Service, server: &str, help: String, found: &mut Findings) {
    let path = KeyPath::of(&["services", service.name.as_str(), "command"]);
    found.with_help(path, format!("`{server}` listens on 127.0.0.1, where only the container of `{}` itself reaches it", service.name), help);
}
