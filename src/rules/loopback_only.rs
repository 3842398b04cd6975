//! A server listens to its own container alone.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{EnvValue, Service, Stack, calls};

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

/// A server whose address an option says.
struct Server {
    /// How its call starts.
    start: &'static [&'static str],
    /// The options; the first is the one to write.
    options: &'static [&'static str],
    /// The address that is right; PORT is the service's port.
    right: &'static str,
    /// True if it listens on 127.0.0.1 where nothing is said.
    alone: bool,
}

const ALL: &str = "0.0.0.0";
const ALL_WITH_PORT: &str = "\"0.0.0.0:PORT\"";

const SERVERS: [Server; 11] = [
    Server { start: &["uvicorn"], options: &["--host", "--uds", "--fd"], right: ALL, alone: true },
    Server { start: &["gunicorn"], options: &["--bind", "-b"], right: ALL_WITH_PORT, alone: true },
    Server { start: &["hypercorn"], options: &["--bind", "-b"], right: ALL_WITH_PORT, alone: true },
    Server { start: &["daphne"], options: &["--bind", "-b", "-u", "-e", "--endpoint", "--fd"], right: ALL, alone: true },
    Server { start: &["flask", "run"], options: &["--host", "-h"], right: ALL, alone: true },
    Server { start: &["fastapi", "dev"], options: &["--host"], right: ALL, alone: true },
    Server { start: &["artisan", "serve"], options: &["--host"], right: ALL, alone: true },
    Server { start: &["puma"], options: &["-b", "--bind"], right: "\"tcp://0.0.0.0:PORT\"", alone: false },
    Server { start: &["rails"], options: &["-b", "--binding"], right: ALL, alone: false },
    Server { start: &["next"], options: &["-H", "--hostname"], right: ALL, alone: false },
    Server { start: &["php"], options: &["-S"], right: ALL_WITH_PORT, alone: false },
];

fn check(stack: &Stack, found: &mut Findings) {
    for service in stack.services.iter().filter(|service| service.port.is_some()) {
        by_variable(service, found);
        // What starts a server is the last call.
        let calls = service.calls();
        let Some(words) = calls.last() else { continue };
        if words.starts_with(&["manage.py", "runserver"]) {
            look_at_django(service, &words[2..], found);
            continue;
        }
        let Some(server) = SERVERS.iter().find(|server| words.starts_with(server.start)) else {
            by_option(service, words, found);
            continue;
        };
        let values = |option| calls::values(words, &[option]).into_iter().map(move |value| (option, value));
        let given: Vec<(&str, &str)> = server.options.iter().flat_map(|option| values(*option)).collect();
        let is_own = |value: &str| {
            let host = value.split_once("://").map_or(value, |(_, host)| host);
            ["127.", "localhost", "[::1]"].iter().any(|start| host.starts_with(start))
        };
        if !given.iter().all(|(_, value)| is_own(value)) {
            continue;
        }
        // gunicorn has a variable more: with `PORT` it listens on all addresses.
        let has_port = server.start[0] == "gunicorn" && service.env.iter().any(|var| var.name == "PORT");
        let by_environment =
            service.env.iter().any(|var| ["UVICORN_", "GUNICORN_", "FLASK_RUN_", "HYPERCORN_"].iter().any(|start| var.name.starts_with(start)));
        // What a file or the shell's variables decide is not known.
        let is_open = |word: &&str| ["-c", "--config", "$"].iter().any(|start| word.starts_with(start));
        if given.is_empty() && (!server.alone || has_port || by_environment || words.iter().any(is_open)) {
            continue;
        }
        let port = service.port.map_or(8000, crate::values::Port::get);
        let (option, address) = (server.options[0], server.right.replace("PORT", &port.to_string()));
        let step = if let Some((option, value)) = given.first() {
            format!("Write `{address}` in place of `{value}` behind `{option}`")
        } else if server.right != ALL || words.iter().any(|word| word.starts_with("--port") || *word == "-p") {
            format!("Add `{option}, {address}` to the command")
        } else {
            format!("Add `{option}, {address}, --port, \"{port}\"` to the command")
        };
        report(service, &server.start.join(" "), format!("{step}."), found);
    }
}

/// An address that an option of any other program says, all of which have to be of this kind.
fn by_option(service: &Service, words: &[&str], found: &mut Findings) {
    let given = calls::addresses(words);
    let own = |address: &&str| ["127.0.0.1:", "localhost:"].into_iter().find(|own| address.split("://").last().is_some_and(|rest| rest.starts_with(*own)));
    let Some((address, host)) = given.first().and_then(|address| Some((address, own(address)?))).filter(|_| given.iter().all(|other| own(other).is_some()))
    else {
        return;
    };
    let (program, right) = (words.first().copied().unwrap_or_default(), address.replacen(host, "0.0.0.0:", 1));
    report(service, program, format!("Write `{right}` in place of `{address}`."), found);
}

/// Variables with the address that a server listens on, besides those in the way of Go; `HOST` is many other things.
const VARIABLES: [&str; 7] = ["HOSTNAME", "UVICORN_HOST", "FLASK_RUN_HOST", "NITRO_HOST", "NUXT_HOST", "SERVER_ADDRESS", "ASPNETCORE_URLS"];

/// An address that a variable says.
fn by_variable(service: &Service, found: &mut Findings) {
    let own = KeyPath::of(&["services", service.name.as_str()]);
    for var in service.env.iter().filter(|var| VARIABLES.iter().chain(&calls::ADDRESSES).any(|known| *known == var.name) && var.declared.0.starts_with(&own.0))
    {
        let EnvValue::Literal(text) = &var.value else { continue };
        // Only servers of Node.js read that one.
        let is_node = service.build.is_none() && service.calls().first().is_none_or(|call| ["node", "next", "npm", "yarn", "pnpm", "bun"].contains(&call[0]));
        if var.name == "HOSTNAME" && !is_node {
            continue;
        }
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
    if !args.iter().any(is_open) {
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
