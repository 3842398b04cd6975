//! A secret in a command line.

use super::variable_in_argument::{Line, Named, is_file, lines, variables};
use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::stack::Stack;

/// The rule.
pub const RULE: Rule = Rule {
    id: "secret-in-argument",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "An argument of a command is a secret, or stands for one that is in a file",
    why: "A command is committed with the profile, and everybody on the host sees it in the list of processes.",
    instead: "Give the secret by `secrets`, and let a shell read its file: `[sh, -c, 'exec server --password \"$(cat /run/secrets/NAME)\"']`; better, use an option that takes a file.",
    check,
};

/// Ends of options for secrets.
const SECRET: [&str; 6] = ["password", "passwd", "requirepass", "secret", "token", "apikey"];

fn check(stack: &Stack, found: &mut Findings) {
    for Line { root, key, args, env, is_shell } in lines(stack) {
        let path = |at: usize| root.key(key).index(at);
        if is_shell {
            let in_file = |name: &str| env.iter().any(|var| var.name == name && is_file(var));
            let named = args.iter().enumerate().flat_map(|(at, arg)| variables(arg).into_iter().map(move |named| (at, named)));
            for (at, Named { name, .. }) in named.filter(|(_, named)| in_file(named.name)) {
                let help = format!("Write `$(cat \"${name}_FILE\")` there; better, let the program read that file itself.");
                found.with_help(path(at), format!("`${name}` is empty there: the secret is in a file, which `{name}_FILE` names"), help);
            }
            continue;
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

/// True for `--password`, not for `--password-file`.
fn is_for_a_secret(option: &str) -> bool {
    let name = option.to_ascii_lowercase().replace(['-', '_'], "");
    option.starts_with('-') && SECRET.iter().any(|word| name.ends_with(word))
}
