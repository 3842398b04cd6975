//! Mistakes that newcomers make, each in a whole profile: `wrong.yaml`, what is said about it in `message.txt`, and `right.yaml`.
//!
//! The message names a line that has to change, it has the text of the change, and the change settles everything. `UPDATE=1 cargo
//! test --test mistakes` writes the messages. Try one: `cargo run -- lint tests/mistakes/ports/wrong.yaml`.

mod support;

use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use support::{Project, assert_none, compare, copy, repository, text_of, tree};

/// Where the change is no text that could be offered: a part of the message.
const IN_WORDS: [(&str, &str); 10] = [
    ("tab", "indent with spaces"),
    ("indentation", "indent it by 0, 2 or 4 spaces"),
    ("quote-not-closed", "write another `\"` where the text ends"),
    ("key-twice", "remove one"),
    ("route-twice", "remove one"),
    ("no-value", "remove the key"),
    ("folder-of-the-host", "what outlives a container into a volume, such as `volumes: {data: {path: "),
    ("request-above-limit", "raise the limit"),
    ("merge-key", "services by `like`"),
    ("secret-unused", "remove it"),
];

fn names() -> BTreeSet<String> {
    tree(&repository("tests/mistakes")).into_keys().filter_map(|path| path.split_once('/').map(|(name, _)| name.to_owned())).collect()
}

/// The lines of the first text, from 1, that another one has changed; and the lines that it has and the first has not.
fn changes(wrong: &str, right: &str) -> (BTreeSet<usize>, String) {
    let (mut changed, mut new, mut line) = (BTreeSet::new(), String::new(), 1);
    for change in TextDiff::from_lines(wrong, right).iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => line += 1,
            ChangeTag::Delete => {
                changed.insert(line);
                line += 1;
            }
            ChangeTag::Insert => {
                new += change.value();
                // What is new belongs to the lines above it that are indented less.
                let depth = change.value().len() - change.value().trim_start().len();
                let above = wrong.lines().take(line - 1).enumerate().filter(|(_, text)| text.len() - text.trim_start().len() < depth);
                changed.extend(above.last().map(|(at, _)| at + 1));
            }
        }
    }
    (changed, new)
}

/// What a message offers: the pieces of its last line that stand between backticks.
fn offers(message: &str) -> Vec<&str> {
    let told = message.lines().filter(|line| line.contains("= help: ") || line.starts_with("warning["));
    told.flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

fn check(name: &str) -> Vec<String> {
    let project = Project::empty();
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
    let (changed, new) = changes(&wrong, &right);
    let place = message.lines().find_map(|line| line.split_once("--> profiles/wrong.yaml:")?.1.split_once(':')?.0.parse::<usize>().ok());
    if place.is_none_or(|line| !changed.contains(&line)) {
        failures.push(format!("the message is about line {place:?}, the change about {changed:?}"));
    }
    let is_told = match IN_WORDS.iter().find(|(known, _)| *known == name) {
        Some((_, words)) => message.contains(words),
        None if new.is_empty() => message.contains("= help: remove it"),
        None => offers(message).iter().any(|offer| new.contains(offer) && !wrong.contains(offer)),
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
