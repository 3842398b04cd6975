//! A command asks, and nobody answers.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "nobody-answers",
    severity: Severity::Warning,
    applies: Applies::Deployed,
    what: "A command asks a question on a terminal that a container does not have",
    why: "It takes no answer for no, and ends without having done anything, or with an error.",
    instead: "Give it the option by which it does not ask.",
    check,
};

/// How calls start that ask, options by which they do not, and the environment in which they ask: the first option is the one to write.
const CALLS: [(&[&str], &[&str], bool); 5] = [
    (&["artisan", "migrate"], &["--force"], true),
    (&["artisan", "db:seed"], &["--force"], true),
    (&["manage.py", "collectstatic"], &["--noinput", "--no-input"], false),
    (&["manage.py", "createsuperuser"], &["--noinput", "--no-input"], false),
    (&["manage.py", "flush"], &["--noinput", "--no-input"], false),
];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let path = KeyPath::of(&["services", service.name.as_str(), "command"]);
        // Laravel asks in production alone, which is what it takes itself for unless told.
        let is_production =
            !service.env.iter().any(|var| var.name == "APP_ENV" && !matches!(&var.value, EnvValue::Literal(text) if text == "production" || text == "prod"));
        for call in service.calls() {
            if let Some((start, options, in_production)) = CALLS.iter().find(|(start, ..)| call.starts_with(start)) {
                if call.iter().any(|word| options.contains(word)) || (*in_production && !is_production) {
                    continue;
                }
                let message = format!("`{}` of `{}` asks, and nobody answers", start.join(" "), service.name);
                found.with_help(path.clone(), message, format!("Add `{}` to the command.", options[0]));
            } else if call.starts_with(&["prisma", "migrate", "dev"]) {
                let Command::Args(args) = &service.command else { continue };
                let at = args.iter().position(|arg| arg.split_whitespace().any(|word| word == "dev"));
                let message = format!("`prisma migrate dev` of `{}` asks whether it may drop the tables, and nobody answers", service.name);
                found.with_help(at.map_or_else(|| path.clone(), |at| path.index(at)), message, "Write `deploy` in place of `dev`.".into());
            }
        }
    }
}
