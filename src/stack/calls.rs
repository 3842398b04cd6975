//! What a command calls: its words without what only leads to a program, and the calls that a shell's text has.

use super::{Command, Service};

/// Shells that take their text behind `-c`.
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];
/// What stands before a program and only calls it.
const LEADS: [&[&str]; 13] = [
    &["exec"],
    &["env"],
    &["uv", "run"],
    &["poetry", "run"],
    &["pipenv", "run"],
    &["pdm", "run"],
    &["npx"],
    &["pnpm", "exec"],
    &["bundle", "exec"],
    &["tini", "--"],
    &["dumb-init", "--"],
    &["dumb-init"],
    &["nohup"],
];

/// Variables with the port that a server listens on, alone or at the end of a URL.
pub const PORTS: [&str; 8] = ["PORT", "SERVER_PORT", "NITRO_PORT", "NUXT_PORT", "UVICORN_PORT", "FLASK_RUN_PORT", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_URLS"];

/// Variables with the address that a program listens on, in the way of Go: `:8080`, or a host before it.
pub const ADDRESSES: [&str; 7] = ["LISTEN_ADDR", "HTTP_ADDR", "BIND_ADDR", "ADDR", "HTTP_LISTEN_ADDR", "SERVER_ADDR", "LISTEN_ADDRESS"];

/// Options with such an address.
const ADDRESS_OPTIONS: [&str; 10] =
    ["--addr", "-addr", "--listen", "-listen", "--listen-addr", "-listen-addr", "--http-addr", "-http-addr", "--bind-addr", "-bind-addr"];

/// Hosts by which a container means itself.
pub const OWN_HOSTS: [&str; 9] = ["", "localhost", "127.0.0.1", "0.0.0.0", "+", "*", "::", "::1", "[::]"];

/// What a call says about the port that it listens on, in the words of most programs.
pub fn listening<'a>(call: &[&'a str]) -> Vec<&'a str> {
    let mut found = values(call, &["--port", "-port", "--bind", "--server.port"]);
    found.extend(addresses(call));
    found
}

/// The addresses that a call listens on in the way of Go; a host of others is one that it asks.
pub fn addresses<'a>(call: &[&'a str]) -> Vec<&'a str> {
    let is_own = |address: &&str| {
        let address = address.split_once("://").map_or(*address, |(_, rest)| rest);
        address.rsplit_once(':').is_some_and(|(host, _)| OWN_HOSTS.contains(&host))
    };
    values(call, &ADDRESS_OPTIONS).into_iter().filter(is_own).collect()
}

impl Service {
    /// What its entry point and its command call, each call by its words: the program without its folder, and its arguments.
    pub fn calls(&self) -> Vec<Vec<&str>> {
        let command = if let Command::Args(args) = &self.command { args.as_slice() } else { &[] };
        calls(&self.process.entrypoint.iter().flatten().chain(command).map(String::as_str).collect::<Vec<_>>())
    }
}

/// True for a word that starts a shell.
pub fn is_shell(word: &str) -> bool {
    SHELLS.contains(&name(word))
}

/// The calls of a list of words: one, or those of the text behind `sh -c`.
pub fn calls<'a>(words: &[&'a str]) -> Vec<Vec<&'a str>> {
    let text = if words.first().is_some_and(|word| is_shell(word)) {
        words.iter().position(|word| word.starts_with('-') && word.ends_with('c')).and_then(|at| words.get(at + 1))
    } else {
        None
    };
    let Some(text) = text else { return Some(program(words)).filter(|call| !call.is_empty()).into_iter().collect() };
    let segments = text.split(['\n', ';', '|', '&']);
    // `2>&1` is cut, too: a number is no program.
    let is_program = |call: &Vec<&str>| call.first().is_some_and(|word| word.parse::<u8>().is_err());
    segments
        .map(|segment| program(&segment.split_whitespace().map(|word| word.trim_matches(['"', '\'', '(', ')'])).collect::<Vec<_>>()))
        .filter(is_program)
        .collect()
}

/// The words from the program on: `python -m alembic` is `alembic`, `python manage.py` is `manage.py`, `php artisan` is `artisan`.
fn program<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut rest = words;
    loop {
        let Some(first) = rest.first() else { return Vec::new() };
        let start = name(first);
        if let Some(lead) = LEADS.iter().find(|lead| lead[0] == start && rest[1..].starts_with(&lead[1..])) {
            rest = &rest[lead.len()..];
        } else if start.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
            rest = &rest[1..];
        } else if start.starts_with("python") && rest.get(1) == Some(&"-m") {
            rest = &rest[2..];
        } else if is_script(start, rest.get(1)) {
            rest = &rest[1..];
        } else {
            return std::iter::once(start).chain(rest[1..].iter().copied()).collect();
        }
    }
}

/// True for an interpreter whose first argument is the program.
fn is_script(interpreter: &str, script: Option<&&str>) -> bool {
    let ends = |script: &&str| script.rsplit('.').next() == Some("py");
    script.is_some_and(|script| (interpreter.starts_with("python") && ends(script)) || (interpreter == "php" && name(script) == "artisan"))
}

fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// The value of each option of these names: `--bind VALUE`, `--bind=VALUE`, and with one letter `-bVALUE`.
pub fn values<'a>(call: &[&'a str], options: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, word) in call.iter().enumerate().skip(1) {
        for option in options {
            let Some(rest) = word.strip_prefix(option) else { continue };
            match rest.strip_prefix('=') {
                Some(value) => found.push(value),
                None if rest.is_empty() => found.extend(call.get(at + 1)),
                None if option.len() == 2 => found.push(rest),
                None => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{calls, values};

    #[test]
    fn what_leads_to_a_program_is_left_out() {
        assert_eq!(calls(&["/usr/bin/python3", "-m", "alembic", "upgrade"]), [["alembic", "upgrade"]]);
        assert_eq!(calls(&["uv", "run", "python", "manage.py", "migrate"]), [["manage.py", "migrate"]]);
        assert_eq!(calls(&["sh", "-ec", "A=1 one x && exec two 'y'; three"]), [vec!["one", "x"], vec!["two", "y"], vec!["three"]]);
        assert!(calls(&["exec"]).is_empty() && calls(&[]).is_empty());
        assert_eq!(values(&["g", "--bind", "a", "--bind=b", "-bc", "--binding"], &["--bind", "-b"]), ["a", "b", "c"]);
    }
}
