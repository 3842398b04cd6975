//! A start of the application drops its data.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, Stack};

/// The rule.
pub const RULE: Rule = Rule {
    id: "data-dropped",
    severity: Severity::Error,
    applies: Applies::Production,
    what: "A command or a variable makes the database anew, where there are data of users",
    why: "Each start or each release begins with empty tables, and a roll-out has two of them; a backup is all that is left.",
    instead: "Migrate in place: what the framework calls `migrate`, `upgrade` or `deploy`.",
    check,
};

/// Variables, values that drop tables, and what to write.
const VARIABLES: [(&str, &[&str], &str); 6] = [
    ("SPRING_JPA_HIBERNATE_DDL_AUTO", &["create", "create-drop", "create-only"], "validate"),
    ("SPRING_JPA_PROPERTIES_HIBERNATE_HBM2DDL_AUTO", &["create", "create-drop"], "validate"),
    ("QUARKUS_HIBERNATE_ORM_DATABASE_GENERATION", &["create", "drop-and-create", "drop"], "none"),
    ("QUARKUS_HIBERNATE_ORM_SCHEMA_MANAGEMENT_STRATEGY", &["create", "drop-and-create", "drop"], "none"),
    ("TYPEORM_DROP_SCHEMA", &["true", "1"], "false"),
    ("TYPEORM_SYNCHRONIZE", &["true", "1"], "false"),
];

/// An option that takes out what the schema has no more, and leaves the rest.
const ACCEPTED: &str = "--accept-data-loss";

/// How calls start that drop tables, a word that they have then, and how the call for users starts.
const CALLS: [(&[&str], &str, &str); 18] = [
    (&["rails", "db:reset"], "", "db:migrate"),
    (&["rails", "db:drop"], "", "db:migrate"),
    (&["rails", "db:schema:load"], "", "db:migrate"),
    (&["rails", "db:migrate:reset"], "", "db:migrate"),
    (&["rake", "db:reset"], "", "db:migrate"),
    (&["rake", "db:drop"], "", "db:migrate"),
    (&["rake", "db:schema:load"], "", "db:migrate"),
    (&["artisan", "migrate:fresh"], "", "migrate"),
    (&["artisan", "migrate:refresh"], "", "migrate"),
    (&["artisan", "migrate:reset"], "", "migrate"),
    (&["artisan", "db:wipe"], "", "migrate"),
    (&["manage.py", "flush"], "", "migrate"),
    (&["manage.py", "reset_db"], "", "migrate"),
    (&["prisma", "migrate", "reset"], "", "deploy"),
    (&["prisma", "db", "push"], "--force-reset", "migrate deploy"),
    (&["prisma", "db", "push"], ACCEPTED, "migrate deploy"),
    (&["alembic", "downgrade"], "base", "upgrade head"),
    (&["typeorm", "schema:drop"], "", "migration:run"),
];

fn check(stack: &Stack, found: &mut Findings) {
    let mut said = Vec::new();
    for service in &stack.services {
        for var in &service.env {
            let EnvValue::Literal(text) = &var.value else { continue };
            let known = VARIABLES.iter().find(|(name, values, _)| var.name == *name && values.contains(&text.to_ascii_lowercase().as_str()));
            if let Some((_, _, right)) = known.filter(|_| !said.contains(&&var.declared)) {
                said.push(&var.declared);
                let message = format!("with `{}: {text}` each start of `{}` drops tables or columns", var.name, service.name);
                found.with_help(var.declared.clone(), message, format!("Write `{}: {right}`, and let a service of `kind: release` migrate.", var.name));
            }
        }
        for call in service.calls() {
            let Some((start, word, right)) = CALLS.iter().find(|(start, word, _)| call.starts_with(start) && (word.is_empty() || call.contains(word))) else {
                continue;
            };
            let (Some(last), Command::Args(args)) = (start.last(), &service.command) else { continue };
            let path = KeyPath::of(&["services", service.name.as_str(), "command"]);
            let separator = if args.iter().any(|arg| arg.contains(' ')) { " " } else { ", " };
            let right = right.replace(' ', separator);
            let help = if word.is_empty() {
                format!("Write `{right}` in place of `{last}`.")
            } else {
                format!("Write `{right}` in place of `{}{separator}{word}`.", start[1..].join(separator))
            };
            let at = args.iter().position(|arg| arg.split_whitespace().any(|word| word == *last));
            let message = if *word == ACCEPTED {
                format!("`{} {word}` drops what the schema has no more, and `{}` runs it without a question", start.join(" "), service.name)
            } else {
                format!("`{}` drops the tables of `{}` with all that users wrote", start.join(" "), service.name)
            };
            found.with_help(at.map_or_else(|| path.clone(), |at| path.index(at)), message, help);
        }
    }
}
