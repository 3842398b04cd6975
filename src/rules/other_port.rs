//! A process listens on another port than the one that is asked.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, EnvVar, Service, ServiceKind, Stack, calls};

/// The rule.
pub const RULE: Rule = Rule {
    id: "other-port",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A command, a variable or a check names another port than the service's",
    why: "The edge, checks and other services ask `port`: where nothing listens, no request arrives.",
    instead: "Name one port in both places; one more belongs into `ports`.",
    check,
};

/// Options with a port, of servers that have a letter for it; `--port` and `--bind` mean one with all.
const LETTERS: [(&str, &str); 11] = [
    ("gunicorn", "-b"),
    ("hypercorn", "-b"),
    ("daphne", "-p"),
    ("flask", "-p"),
    ("next", "-p"),
    ("rails", "-p"),
    ("puma", "-p"),
    ("puma", "-b"),
    ("http-server", "-p"),
    ("serve", "-l"),
    ("php", "-S"),
];

/// What listens on a port of its own where nothing is said: how the call starts, an option that it has then, and the port.
const DEFAULTS: [(&[&str], &str, u16); 4] =
    [(&["uvicorn"], "--host", 8000), (&["flask", "run"], "--host", 5000), (&["fastapi", "run"], "", 8000), (&["next", "start"], "", 3000)];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let Some(port) = service.port.map(crate::values::Port::get) else { continue };
        let root = KeyPath::of(&["services", service.name.as_str()]);
        let ports = service.ports.iter().map(|named| named.port.get()).chain(service.health.port.map(crate::values::Port::get)).chain([port]);
        let ports: Vec<u16> = ports.collect();
        let calls = service.calls();
        // What a shell leaves running is the last one.
        let given = calls.last().map(|call| given(call)).unwrap_or_default();
        let number = |text: &str| text.rsplit(':').next().and_then(|port| port.parse::<u16>().ok());
        let numbers: Vec<(&str, u16)> = given.iter().filter_map(|text| Some((*text, number(text)?))).collect();
        let is_known = |number: &u16| ports.contains(number);
        if let Some((text, other)) = numbers.first().filter(|_| !numbers.iter().any(|(_, number)| is_known(number))) {
            let message = format!("`{}` listens on port {other}, and its `port` is {port}", service.name);
            // A number that is an item of its own needs quotes.
            let is_item = matches!(&service.command, Command::Args(args) if args.iter().any(|arg| arg == text && arg.parse::<u16>().is_ok()));
            let quote = if is_item { "\"" } else { "" };
            let right = text.replace(&other.to_string(), &port.to_string());
            let help = format!("Write `{quote}{right}{quote}` in place of `{quote}{text}{quote}`, or `port: {other}`.");
            found.with_help(place(service, &root, text), message, help);
        } else if given.is_empty() {
            if let Some(other) = calls.last().and_then(|call| by_default(service, call)).filter(|other| !is_known(other)) {
                let message = format!("`{}` listens on port {other} where the command names none, and its `port` is {port}", service.name);
                found.with_help(root.key("command"), message, format!("Add `--port`, `\"{port}\"` to the command, or write `port: {other}`."));
            }
        }
        if numbers.is_empty() {
            if let Some((var, other)) = variable(service).filter(|(_, other)| !is_known(other)) {
                let right = text_of(var).unwrap_or_default().replace(&other.to_string(), &port.to_string());
                let message = format!("`{}` is {other}, and the `port` of `{}` is {port}", var.name, service.name);
                found.with_help(var.declared.clone(), message, format!("Write `{}: \"{right}\"`, or `port: {other}`.", var.name));
            }
        }
        let words = calls.iter().flatten().copied();
        let named: Vec<&str> = words.chain(own_texts(&service.env)).collect();
        checks(&root, service.health.command.iter().flatten(), &ports, &named, found);
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let ports = container.ports.iter().map(|named| named.port.get()).chain(container.health.port.map(crate::values::Port::get));
        let ports: Vec<u16> = ports.chain([store.port.get()]).collect();
        let words = store.server.iter().flat_map(|server| &server.command).chain(container.entrypoint.iter().flatten()).map(String::as_str);
        let named: Vec<&str> = words.chain(own_texts(&container.env)).collect();
        let root = KeyPath::of(&["backing_services", store.name.as_str()]);
        checks(&root, container.health.command.iter().flatten(), &ports, &named, found);
    }
}

/// The ports that a check asks by HTTP in its own container; the last of `ports` is the main one. A port that is named elsewhere is one that
/// only the check uses.
fn checks<'t>(root: &KeyPath, command: impl Iterator<Item = &'t String>, ports: &[u16], named: &[&str], found: &mut Findings) {
    let Some(port) = ports.last() else { return };
    let name = root.0.last().map(ToString::to_string).unwrap_or_default();
    let is_known = |other: u16| ports.contains(&other) || named.iter().any(|text| names_own(text, other, &name));
    for (at, text) in command.enumerate() {
        if let Some((whole, other)) = asked(text).filter(|(_, other)| !is_known(*other)) {
            let message = format!("the check of `{name}` asks port {other}, and its `port` is {port}");
            let right = format!("{}:{port}", whole.rsplit_once(':').filter(|(_, end)| end.parse::<u16>().is_ok()).map_or(whole, |(start, _)| start));
            let item = |address: &str| if text.contains(' ') { address.to_owned() } else { format!("\"{}\"", text.replacen(whole, address, 1)) };
            let help = format!("Write `{}` in place of `{}`.", item(&right), item(whole));
            found.with_help(root.key("health").key("command").index(at), message, help);
        }
    }
}

/// What variables say, but for addresses and ports of others: what has a host beside it is theirs.
fn own_texts(env: &[EnvVar]) -> impl Iterator<Item = &str> {
    let is_of_others = |var: &EnvVar| {
        let host = var.name.strip_suffix("PORT").map(|start| format!("{start}HOST")).and_then(|host| env.iter().find(|other| other.name == host));
        var.address_of.is_some() || host.is_some_and(|host| text_of(host).is_none_or(|host| !is_own(host, "")))
    };
    env.iter().filter(move |var| !is_of_others(var)).filter_map(text_of)
}

/// True for a host by which a container means itself.
fn is_own(host: &str, name: &str) -> bool {
    host == name || calls::OWN_HOSTS.contains(&host)
}

/// True if a text has this port as a number, and not as that of another host.
fn names_own(text: &str, port: u16, name: &str) -> bool {
    let port = port.to_string();
    text.match_indices(&port).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + port.len()..]);
        let host = before.strip_suffix(':').map(|before| {
            let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || "-._+*:".contains(c))).map_or(0, |last| last + 1);
            before.get(start..).unwrap_or_default().trim_start_matches(':')
        });
        let is_whole = !before.ends_with(|c: char| c.is_ascii_digit()) && !behind.starts_with(|c: char| c.is_ascii_digit());
        is_whole && host.is_none_or(|host| is_own(host, name))
    })
}

/// What a call says about the port that it listens on.
fn given<'a>(call: &[&'a str]) -> Vec<&'a str> {
    let program = call.first().copied().unwrap_or_default();
    let letters: Vec<&str> = LETTERS.iter().filter(|known| known.0 == program).map(|known| known.1).collect();
    let mut found = calls::listening(call);
    found.extend(calls::values(call, &letters));
    if ["manage.py", "django-admin"].contains(&program) && call.get(1) == Some(&"runserver") {
        found.extend(call.iter().skip(2).filter(|word| !word.starts_with('-') && word.ends_with(|c: char| c.is_ascii_digit())));
    }
    found
}

fn by_default(service: &Service, call: &[&str]) -> Option<u16> {
    let (_, _, port) =
        DEFAULTS.iter().find(|(start, option, _)| call.starts_with(start) && (option.is_empty() || call.iter().any(|word| word.starts_with(option))))?;
    let is_open = call.iter().any(|word| ["--uds", "--fd", "--env-file", "--config"].iter().any(|option| word.starts_with(option)))
        || service.env.iter().any(|var| var.name.ends_with("PORT"));
    (!is_open).then_some(*port)
}

/// Where a text stands: in an item of the command, or the command as a whole.
fn place(service: &Service, root: &KeyPath, text: &str) -> KeyPath {
    let path = root.key("command");
    let Command::Args(args) = &service.command else { return root.key("entrypoint") };
    match args.iter().position(|arg| arg.contains(text)) {
        Some(at) => path.index(at),
        None => root.key("entrypoint"),
    }
}

/// A variable with the port, where the service itself has it, and nothing else decides.
fn variable(service: &Service) -> Option<(&EnvVar, u16)> {
    let is_free = service.kind == ServiceKind::Web && matches!(service.command, Command::Image | Command::Args(_));
    let own = KeyPath::of(&["services", service.name.as_str()]);
    // With a host beside it, the port is another server's.
    let is_own = |var: &&EnvVar| calls::PORTS.iter().chain(&calls::ADDRESSES).any(|known| *known == var.name) && var.declared.0.starts_with(&own.0);
    let has_host = |var: &EnvVar| service.env.iter().any(|other| var.name == "SERVER_PORT" && other.name == "SERVER_HOST");
    let var = service.env.iter().find(|var| is_free && is_own(var) && !has_host(var))?;
    // `http://+:8080` has it at its end.
    Some((var, text_of(var)?.rsplit(':').next()?.parse().ok()?))
}

fn text_of(var: &EnvVar) -> Option<&str> {
    if let EnvValue::Literal(text) = &var.value { Some(text) } else { None }
}

/// Host and port that a check asks in its own container, by HTTP.
fn asked(text: &str) -> Option<(&str, u16)> {
    let (start, rest) = text.split_once("://")?;
    let authority = &rest[..rest.find(['/', ' ', '"', '\'', '?', ')']).unwrap_or(rest.len())];
    let (host, port) = authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let usual = if start.ends_with("https") { 443 } else { 80 };
    let port = port.map_or(Some(usual), |port| port.parse().ok())?;
    ["localhost", "127.0.0.1", "0.0.0.0"].contains(&host).then_some((authority, port))
}

#[cfg(test)]
mod tests {
    use super::{asked, given, names_own};

    #[test]
    fn ports_of_calls_and_checks() {
        assert_eq!(given(&["gunicorn", "-b", "0.0.0.0:5000", "app"]), ["0.0.0.0:5000"]);
        assert_eq!(given(&["app", "--addr", ":8000", "-listen=localhost:9", "--listen", "http://etcd:2379"]), [":8000", "localhost:9"]);
        assert_eq!(given(&["gunicorn", "-p", "/run/pid"]), [""; 0]);
        assert_eq!(given(&["manage.py", "runserver", "0.0.0.0:9000", "--noreload"]), ["0.0.0.0:9000"]);
        assert_eq!(asked("curl -f http://localhost:5000/health || exit 1"), Some(("localhost:5000", 5000)));
        assert_eq!(asked("http://127.0.0.1/"), Some(("127.0.0.1", 80)));
        assert_eq!(asked("http://other:80/"), None);
        assert_eq!(asked("http://localhost:$PORT/"), None);
        let own = ["8080", ":8080", "0.0.0.0:8080", "http://+:8080", "[::]:8080", "-Dadmin.port=8080", "http://web:8080/", "{\"port\":8080}"];
        assert!(own.iter().all(|text| names_own(text, 8080, "web")));
        let others = ["http://pricing:8080", "pricing:8080,web:80", "18080", "80801", "amqp://user:pw@broker:8080/"];
        assert!(others.iter().all(|text| !names_own(text, 8080, "web")));
    }
}
