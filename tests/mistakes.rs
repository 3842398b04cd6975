//! Mistakes that newcomers make, each in a whole profile: `wrong.yaml`, what is said about it in `message.txt`, and `right.yaml`.
//!
//! The message names a line that has to change, it has the text of the change, and the change settles everything. `UPDATE=1 cargo
//! test --test mistakes` writes the messages. Try one: `cargo run -- lint tests/mistakes/ports/wrong.yaml`.

mod support;

use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use support::{Project, assert_none, compare, copy, repository, text_of, tree};

/// Where the change is no text that could be offered: a part of the message.
const IN_WORDS: [(&str, &str); 41] = [
    ("service-removed-and-written", "remove `services.web` from `remove`"),
    ("service-not-indented", "indent it by 2 spaces more"),
    ("service-in-a-service", "by 2 spaces less: as `web` is"),
    ("section-in-a-section", "start it at the left margin"),
    ("pattern-for-a-route", "did you mean `/live`?"),
    ("tab", "indent with spaces"),
    ("indentation", "indent it by 2 or 4 spaces"),
    ("indentation-of-three", "indent it by 2 or 4 spaces"),
    ("first-line-to-the-left", "indent it by 4 spaces"),
    ("list-to-the-left", "indent it by 4 spaces"),
    ("comma-of-json", "without the comma"),
    ("comma-behind-a-word", "without the comma"),
    ("blank-of-a-web-page-behind", "write `port: 8000`"),
    ("export-before-a-name", "did you mean `LEVEL`?"),
    ("template-for-a-number", "write a number"),
    ("class-of-a-store", "remove it"),
    ("dash-before-a-name", "remove the dash"),
    ("blank-of-a-web-page", "put spaces in its place"),
    ("devices-of-compose", "what needs them runs apart"),
    ("quote-not-closed", "write another `\"` where the text ends"),
    ("key-twice", "remove one"),
    ("route-twice", "remove one"),
    ("no-value", "remove the key"),
    ("request-above-limit", "raise the limit"),
    ("merge-key", "services by `like`"),
    ("secret-unused", "remove it"),
    ("part-of-a-store", "did you mean `url`?"),
    ("edge-gives-up-early", "Make it longer than `run.timeout`"),
    ("stopped-too-early", "some seconds longer than `run.graceful_timeout`"),
    ("healthcheck", "or `health: {command: [...]}`"),
    ("replicas-as-text", "write it without quotes: `2`"),
    ("services-as-list", "the name in place of the dash, `web:`"),
    ("store-misspelt", "did you mean `database`?"),
    ("line-to-the-left", "indent it by 4 spaces"),
    ("no-key", "as in `ready: /health`"),
    ("variables-of-a-list-of-maps", "`env: {LOG_LEVEL: INFO}`"),
    ("tmpfs-as-list", "`tmpfs: {/var/cache: 64Mi}`"),
    ("section-of-another-name", "did you mean `backing_services`?"),
    ("store-of-another-name", "there are: `database`"),
    ("server-that-reloads", "Leave out `--reload`"),
    ("secret-for-a-variable", "write `SMTP_KEY: {}` in the service's `secrets`"),
];

/// Where something is used that has to be written elsewhere.
const ELSEWHERE: [&str; 17] = [
    "completion-of-a-worker",
    "store-with-one-replica",
    "host-of-production-in-a-variable",
    "host-of-production-in-a-check",
    "broker-without-its-user",
    "backup-without-a-plan",
    "issuer-of-a-parent",
    "list-of-a-parent",
    "parameter-over-a-reference",
    "broker-without-url",
    "store-as-a-service",
    "secret-undeclared",
    "no-targets",
    "managed-in-a-child",
    "switched-off-in-a-child",
    "address-outside",
    "address-without-dependency",
];

fn names() -> BTreeSet<String> {
    tree(&repository("tests/mistakes")).into_keys().filter_map(|path| path.split_once('/').map(|(name, _)| name.to_owned())).collect()
}

/// What makes one text another.
#[derive(Default)]
struct Change {
    /// The lines of the first one that it is about, from 1.
    lines: BTreeSet<usize>,
    /// The lines that only the first one has.
    old: String,
    /// The lines that only the second one has.
    new: String,
}

fn change(wrong: &str, right: &str) -> Change {
    let (mut found, mut line) = (Change::default(), 1);
    for change in TextDiff::from_lines(wrong, right).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => line += 1,
            ChangeTag::Delete => {
                found.lines.insert(line);
                found.old += change.value();
                line += 1;
            }
            ChangeTag::Insert => {
                found.new += change.value();
                // What is new belongs to the lines above it that are indented less.
                let depth = change.value().len() - change.value().trim_start().len();
                let above = wrong.lines().take(line - 1).enumerate().filter(|(_, text)| text.len() - text.trim_start().len() < depth);
                found.lines.extend(above.last().map(|(at, _)| at + 1));
            }
        }
    }
    found
}

/// How often a text has a piece that is not a part of a longer word.
fn count(text: &str, piece: &str) -> usize {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let stands_alone = |at: usize| !text[..at].ends_with(|c| is_inside(c) || c == '/') && !text[at + piece.len()..].starts_with(is_inside);
    text.match_indices(piece).filter(|(at, _)| stands_alone(*at)).count()
}

/// What a message offers: the pieces of its last line that stand between backticks.
fn offers(message: &str) -> Vec<&str> {
    let told = message.lines().filter(|line| line.contains("= help: ") || line.starts_with("warning["));
    told.flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

fn check(name: &str) -> Vec<String> {
    let project = Project::empty();
    project.write("requirements.txt", "").write("shop/wsgi.py", "").write("shop/asgi.py", "").write("shop/__init__.py", "");
    project.write("manage.py", "").write("shop/settings.py", "").write("shop/celery.py", "").write("shop/app.py", "").write("Dockerfile", "");
    project.write("web/Dockerfile", "").write("web/package.json", r#"{"scripts": {"start": "node server.js"}, "dependencies": {"bullmq": "^5.0.0"}}"#);
    copy(&repository(&format!("tests/mistakes/{name}")), &project.path("profiles"));
    let (wrong, right) = (text_of(&format!("tests/mistakes/{name}/wrong.yaml")), text_of(&format!("tests/mistakes/{name}/right.yaml")));
    let outcome = project.run("lint --fail-on info wrong");
    let message = if outcome.status == 2 { &outcome.stderr } else { &outcome.stdout };
    let mut failures = Vec::new();
    if outcome.status == 0 {
        failures.push("the mistake is not found".to_owned());
    }
    let heads = message.lines().filter(|line| line.starts_with("error[") || line.starts_with("warning[") || line.starts_with("info[")).count();
    if heads != 1 {
        failures.push(format!("{heads} messages for one mistake"));
    }
    let Change { lines, old, new } = change(&wrong, &right);
    let place = message.lines().find_map(|line| line.split_once("--> profiles/wrong.yaml:")?.1.split_once(':')?.0.parse::<usize>().ok());
    if place.is_none_or(|line| !lines.contains(&line)) && !ELSEWHERE.contains(&name) {
        failures.push(format!("the message is about line {place:?}, the change about {lines:?}"));
    }
    let is_told = match IN_WORDS.iter().find(|(known, _)| *known == name) {
        Some((_, words)) => message.contains(words),
        None if new.is_empty() => message.contains("= help: remove it"),
        None => offers(message).iter().any(|offer| count(&new, offer) > count(&old, offer)),
    };
    if !is_told {
        failures.push(format!("the message does not have what has to be written:\n{new}"));
    }
    let mended = project.run("lint --fail-on info right");
    if mended.status != 0 || !mended.stdout.starts_with("0 findings") {
        failures.push(format!("the change does not settle it: {mended}"));
    }
    if failures.is_empty() {
        failures.extend(compare(&format!("tests/mistakes/{name}/message.txt"), message).err());
    }
    failures.into_iter().map(|failure| format!("{name}: {failure}\n{message}")).collect()
}

#[test]
fn each_message_leads_to_the_right_profile() {
    let names = names();
    assert!(names.len() >= 30, "{names:?}");
    assert!(IN_WORDS.iter().all(|(name, _)| names.contains(*name)), "{names:?}");
    assert_none(&names.iter().flat_map(|name| check(name)).collect::<Vec<_>>());
}
