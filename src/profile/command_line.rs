//! What to write for a command line that is a text, as in a Procfile or for a shell.

use super::hints::{at, scalar, web_service};
use crate::yaml::{Node, Value};
use serde_json::Value as Json;

/// What only a shell understands, besides quotes.
const OF_A_SHELL: [char; 7] = ['|', '&', ';', '<', '>', '\\', '$'];

/// A command line as the list of its arguments; `port` is that of the service.
pub fn arguments(text: &str, port: Option<u16>) -> String {
    let text = with_port(text, port.unwrap_or(8000));
    let words = if text.contains(OF_A_SHELL) { None } else { split(&text) };
    match words {
        Some(words) => format!("[{}]", words.iter().map(|word| scalar(word).into_owned()).collect::<Vec<_>>().join(", ")),
        // The shell gives its place to the one program that it starts, or to the last one, so that signals reach it.
        None if text.contains([';', '|', '\n']) || text.starts_with("exec ") || text.contains("& ") && !text.contains("&& ") => {
            format!("[sh, -c, {}]", Json::from(text))
        }
        None if text.contains("&&") => {
            let (first, last) = text.rsplit_once("&&").unwrap_or(("", &text));
            let last = last.trim();
            let exec = if last.starts_with("exec ") || last.contains('&') { "" } else { "exec " };
            format!("[sh, -c, {}]", Json::from(format!("{} && {exec}{last}", first.trim_end())))
        }
        None => format!("[sh, -c, {}]", Json::from(format!("exec {text}"))),
    }
}

/// Programs that prepare a shell for what follows: they are of no use by themselves.
const PREPARE: [&str; 9] = ["cd", "export", "source", ".", "set", "umask", "ulimit", "sleep", "test"];

/// What is to be said of a line that does one thing and then starts another, where the first may be done once for all replicas.
pub fn release(text: &str, path: &[&str], port: Option<u16>) -> String {
    let Some((first, second)) = text.split_once("&&").map(|(first, second)| (first.trim(), second.trim())) else { return String::new() };
    let program = first.split_whitespace().next().unwrap_or_default();
    let is_one = |text: &str| !text.is_empty() && !text.contains(['&', ';', '|', '\n']);
    let ["services", name, "command"] = path else { return String::new() };
    if !is_one(first) || !is_one(second) || PREPARE.contains(&program) {
        return String::new();
    }
    format!(
        ". What a release does once, such as migrations, is a service of its own: `migrate: {{kind: release, like: {}, command: {}}}`; here `command: {}` and \
         `depends_on: {{migrate: completed}}`",
        scalar(name),
        arguments(first, port),
        arguments(second, port)
    )
}

/// True if a command line has the port that a platform would have given it.
pub fn asks_for_a_port(text: &str) -> bool {
    with_port(text, 1) != text
}

/// `$PORT`, which nothing sets here, as a number.
fn with_port(text: &str, port: u16) -> String {
    let mut text = text.to_owned();
    while let Some((start, end)) = text.find("${PORT").and_then(|start| Some((start, start + text[start..].find('}')? + 1))) {
        text.replace_range(start..end, &port.to_string());
    }
    text.replace("$PORT", &port.to_string())
}

/// The words of a command line; nothing where a quote is not closed.
fn split(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// `run` for a command line: the server, the application, and the number of workers; nothing for what is none of that.
pub fn run(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let server = words.first().map_or("", |word| word.rsplit('/').next().unwrap_or_default());
    let app = words.iter().skip(1).find(|word| word.contains(':') && !word.contains("//") && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    let (server, app) = match (server, app) {
        ("gunicorn" | "uvicorn", Some(app)) => (server, *app),
        _ if words.len() == 1 && text.contains(':') => ("", text),
        _ => return None,
    };
    let workers = words.iter().position(|word| matches!(*word, "-w" | "--workers")).and_then(|at| words.get(at + 1)?.parse::<u32>().ok());
    let workers = workers.filter(|_| server == "gunicorn").map(|count| format!(", workers: {count}")).unwrap_or_default();
    // Without another class of workers Gunicorn starts WSGI.
    let is_asgi = words.iter().any(|word| word.starts_with("-k") || word.starts_with("--worker-class") || word.contains("asgi"));
    let calls_wsgi = app.contains("wsgi") || (server == "gunicorn" && !is_asgi);
    let (server, interface) = if calls_wsgi { ("gunicorn", ", interface: wsgi") } else { (if server.is_empty() { "gunicorn" } else { server }, "") };
    Some(format!("run: {{server: {server}, app: \"{app}\"{interface}{workers}}}"))
}

/// A process of a Procfile: what it is called says what it is.
pub fn process(name: &str, text: &str, tree: &Node) -> String {
    let kind = match name {
        "worker" | "workers" | "clock" | "scheduler" | "beat" | "celery" | "queue" => "worker",
        "migrate" | "release" | "migrations" => "release",
        _ => "web",
    };
    let web = web_service(tree);
    let command = || format!("command: {}", arguments(text, None));
    // What is no web service runs the image of the one that is there.
    let is_there = web != name && at(tree, &["services", web]).is_some() || at(tree, &[web]).is_some();
    match kind {
        "web" => format!("{{kind: web, image: {{name: example/{name}, tag: \"1.0.0\"}}, {}, port: 8000}}", command()),
        _ if is_there => format!("{{kind: {kind}, like: {}, {}}}", scalar(web), command()),
        _ => format!("{{kind: {kind}, image: {{name: example/{name}, tag: \"1.0.0\"}}, {}}}", command()),
    }
}

/// True if infragen builds the image of the service whose key is at this path: only such a one has `run`.
pub fn is_built(tree: &Node, path: &[&str]) -> bool {
    let service = path.get(..2).and_then(|path| at(tree, path));
    service.is_some_and(|service| at(service, &["like"]).is_some() || at(service, &["build"]).is_some_and(|build| at(build, &["dockerfile"]).is_none()))
}

/// The port of the service whose key is at this path.
pub fn port(tree: &Node, path: &[&str]) -> Option<u16> {
    match at(tree, path.get(..2)?).and_then(|service| at(service, &["port"])).map(|node| &node.value) {
        Some(Value::Int(port)) => u16::try_from(*port).ok(),
        _ => None,
    }
}
