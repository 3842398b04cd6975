//! A command calls a program that the image does not have.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Build, Command, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "missing-program",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A command calls a program that its image does not have",
    why: "An image that is built here has Python, a shell and what belongs to Debian's smallest system: neither curl nor wget, and no client of a database.",
    instead: "For HTTP write `health: {ready: /PATH}`, which needs no program; anything else comes with a package of Debian in `build.system_packages`.",
    check,
};

/// Programs that people look for in such an image, and the packages of Debian that have them; the first is the one to write.
const PROGRAMS: [(&str, &[&str]); 19] = [
    ("curl", &["curl"]),
    ("wget", &["wget"]),
    ("nc", &["netcat-openbsd", "netcat-traditional", "netcat", "ncat"]),
    ("pg_isready", POSTGRESQL),
    ("psql", POSTGRESQL),
    ("pg_dump", POSTGRESQL),
    ("redis-cli", &["redis-tools"]),
    ("mysql", MYSQL),
    ("mysqladmin", MYSQL),
    ("ps", &["procps"]),
    ("pgrep", &["procps"]),
    ("pkill", &["procps"]),
    ("ping", &["iputils-ping"]),
    ("dig", &["dnsutils", "bind9-dnsutils"]),
    ("git", &["git"]),
    ("make", &["make"]),
    ("node", &["nodejs"]),
    ("npm", &["npm"]),
    ("supervisord", &["supervisor"]),
];
const POSTGRESQL: &[&str] = &["postgresql-client"];
const MYSQL: &[&str] = &["default-mysql-client", "mariadb-client"];

/// What stands before a program in the text of a shell.
const BEFORE: [&str; 14] = [";", "&&", "||", "|", "(", "{", "!", "if", "while", "until", "do", "then", "else", "exec"];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let Some(build) = &service.build else { continue };
        let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
        let entrypoint = service.process.entrypoint.as_deref().unwrap_or_default();
        let health = service.health.command.as_deref().unwrap_or_default();
        let root = KeyPath::of(&["services", service.name.as_str()]);
        // With an entry point, the command is its arguments.
        let command = if entrypoint.is_empty() { command } else { &[] };
        for (path, args) in [(root.key("command"), command), (root.key("entrypoint"), entrypoint), (root.key("health").key("command"), health)] {
            let Some((program, package)) = missing(build, args) else { continue };
            let message = format!("the image of `{}` has no `{program}`", service.name);
            let with_package = format!("add `{package}` to `system_packages` of `{}`'s `build`", service.image_owner);
            match asked(args).filter(|_| path.0.len() == 4 && service.port.is_some()) {
                Some(asked) => {
                    found.with_help(path, message, format!("Write `health: {{ready: {asked}}}`, which needs no program; or {with_package}."));
                }
                None => found.with_help(path, message, format!("{}{}.", with_package[..1].to_uppercase(), &with_package[1..])),
            }
        }
    }
}

/// The first program that the image does not have, and the package that has it.
fn missing<'a>(build: &Build, args: &'a [String]) -> Option<(&'a str, &'static str)> {
    programs(args).into_iter().find_map(|program| {
        let (_, packages) = PROGRAMS.iter().find(|known| known.0 == program)?;
        let is_there = |package: &&str| build.system_packages.iter().any(|known| known.as_str().starts_with(package));
        if packages.iter().any(is_there) { None } else { packages.first().map(|package| (program, *package)) }
    })
}

/// What is executed: the first word, or what the text of a shell calls.
fn programs(args: &[String]) -> Vec<&str> {
    let Some(first) = args.first() else { return Vec::new() };
    let name = |word: &'_ str| word.rsplit('/').next().map(str::len).map_or(0, |length| word.len() - length);
    let first = &first[name(first)..];
    if !["sh", "bash", "dash"].contains(&first) {
        return vec![first];
    }
    let mut found = Vec::new();
    for text in args.iter().skip(1) {
        let mut is_first = true;
        for word in text.split_whitespace() {
            if is_first && !BEFORE.contains(&word) {
                found.push(word.trim_matches(['(', ')', ';', '"', '\'']));
            }
            // `until` and `do` are followed by a program, too.
            is_first = BEFORE.contains(&word) || word.ends_with(';');
        }
    }
    found
}

/// The path that a check asks by HTTP.
fn asked(args: &[String]) -> Option<&str> {
    let text = args.iter().flat_map(|arg| arg.split_whitespace()).find(|word| word.contains("://"))?;
    let rest = text.split_once("://")?.1.trim_end_matches(['"', '\'', ')', ';']);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    (!path.contains(['$', '?', '#'])).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::{asked, programs};

    #[test]
    fn what_is_called() {
        let words = |args: &[&str]| args.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(programs(&words(&["/usr/bin/curl", "-f", "http://localhost/"])), ["curl"]);
        assert_eq!(
            programs(&words(&["sh", "-c", "until pg_isready -h database; do sleep 1; done && exec python -m curl"])),
            ["-c", "pg_isready", "sleep", "done", "python"]
        );
        assert_eq!(programs(&words(&["python", "-m", "curl"])), ["python"]);
        assert_eq!(asked(&words(&["sh", "-c", "curl -f http://localhost:8000/health || exit 1"])), Some("/health"));
    }
}
