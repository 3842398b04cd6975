//! Every mistake that infragen knows has a sample in `tests/invalid/CODE/`, and the message for it beside it.
//!
//! `CASE.yaml` is rendered (where CODE is a rule: linted), `CASE.cmd` is a command line of its own in a project with the shipped
//! profiles. `CASE.stderr`, or `CASE.stdout` for a rule, is what is printed; `UPDATE=1 cargo test` writes it. A folder inside
//! CODE holds what samples extend. Try one yourself: `cargo run -- render tests/invalid/unknown-key/typo.yaml`.

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use support::{Outcome, Project, assert_none, compare, copy, finish, repository, text_of, tree};

/// Codes without a sample, and why.
const NO_SAMPLE: [(&str, &str); 2] = [
    ("changed-meanwhile", "somebody else has to write at the same time: tests/env_generate.rs"),
    ("internal-error", "a mistake of infragen itself: no input may lead to it"),
];
/// Files that make a diagnostic from a code that is written elsewhere.
const INDIRECT: [&str; 4] = ["profile/read.rs", "profile/violations.rs", "rules/mod.rs", "stack/resolve.rs"];
/// What a user must not meet in a message: words of libraries, of JSON Schema, of Rust.
const JARGON: [&str; 18] = [
    "anyOf",
    "oneOf",
    "allOf",
    "additionalProperties",
    "patternProperties",
    "schema",
    "regex",
    "^[",
    "None",
    "Some(",
    "Option",
    "u32",
    "i64",
    "u8",
    "serde",
    "os error",
    "EOF",
    "token",
];

struct Case {
    code: String,
    name: String,
    ending: &'static str,
}

impl Case {
    fn path(&self, ending: &str) -> String {
        format!("tests/invalid/{}/{}.{ending}", self.code, self.name)
    }

    fn is_rule(&self) -> bool {
        infragen::rules::RULES.iter().any(|rule| rule.id == self.code)
    }

    fn run(&self, project: &Project) -> Outcome {
        if self.ending == "yaml" {
            let command = if self.is_rule() { "lint --fail-on info" } else { "render" };
            return finish(&project.command(&format!("{command} {}", self.path("yaml"))).output().expect("the program starts"));
        }
        let line = text_of(&self.path("cmd"));
        let is_variable = |word: &&str| word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase()));
        let arguments: Vec<&str> = line.split_whitespace().skip_while(is_variable).collect();
        let variables = line.split_whitespace().take_while(is_variable).filter_map(|word| word.split_once('='));
        finish(&project.command(&arguments.join(" ")).envs(variables).output().expect("the program starts"))
    }

    /// What is wrong with what is printed.
    fn check(&self, project: &Project) -> Vec<String> {
        let outcome = self.run(project);
        let mut wrong = Vec::new();
        if !outcome.is_sound() {
            return vec![format!("{}: {}", self.path(self.ending), outcome.stderr)];
        }
        let (printed, other, stream, status) =
            if self.is_rule() { (&outcome.stdout, &outcome.stderr, "stdout", 1) } else { (&outcome.stderr, &outcome.stdout, "stderr", 2) };
        if outcome.status != status {
            wrong.push(format!("the status is {}, not {status}", outcome.status));
        }
        if !other.is_empty() {
            wrong.push(format!("the other stream has: {other}"));
        }
        let codes = codes_in(printed);
        let several = self.name.starts_with("several-");
        if !codes.contains(&self.code) || (!several && codes.len() > 1) || (several && codes.len() < 2) {
            wrong.push(format!("it reports {codes:?}"));
        }
        if !is_sorted(printed) {
            wrong.push("the messages do not come in the order of their places".into());
        }
        for word in JARGON.iter().filter(|word| words(printed).contains(**word)) {
            wrong.push(format!("the message says `{word}`"));
        }
        let root = project.path("").display().to_string();
        if printed.contains(&root) || printed.contains(|c: char| c.is_control() && c != '\n') {
            wrong.push("the message has an absolute path or a control character".into());
        }
        let heads = printed.lines().filter(|line| codes_in(line).len() == 1).count();
        if printed.matches("= help: ").count() != heads {
            wrong.push(format!("not every message says what to do next\n{printed}"));
        }
        // What is wrong is not blessed.
        if wrong.is_empty() {
            wrong.extend(compare(&self.path(stream), printed).err());
        }
        wrong.into_iter().map(|what| format!("{}: {what}", self.path(self.ending))).collect()
    }
}

/// What the program says in its own words: without the lines that quote a profile, and without quoted values.
fn words(printed: &str) -> String {
    let is_quotation = |line: &&str| line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with('|') && !line.contains('^');
    let text: Vec<&str> = printed.lines().filter(|line| !is_quotation(line)).collect();
    text.join("\n").split('`').step_by(2).collect()
}

/// The codes that a text reports, such as `unknown-key` in `error[unknown-key]: ...`.
fn codes_in(printed: &str) -> BTreeSet<String> {
    let heads = printed.lines().filter_map(|line| line.split_once('[').filter(|(level, _)| ["error", "warning", "info"].contains(level)));
    heads.filter_map(|(_, rest)| rest.split_once(']').map(|(code, _)| code.to_owned())).collect()
}

/// True if each message stands behind the one before it, in the same file.
fn is_sorted(printed: &str) -> bool {
    let place = |line: &str| {
        let mut parts = line.split_once("--> ")?.1.rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?);
        Some((parts.next()?.to_owned(), line, column))
    };
    let places: Vec<_> = printed.lines().filter_map(place).collect();
    places.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0] <= pair[1])
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in tree(&repository("tests/invalid")).into_keys() {
        let parts: Vec<&str> = path.split('/').collect();
        if let [code, file] = parts.as_slice() {
            let case = |ending: &'static str| {
                file.strip_suffix(ending).and_then(|name| name.strip_suffix('.')).map(|name| Case { code: (*code).into(), name: name.into(), ending })
            };
            cases.extend(case("yaml").or_else(|| case("cmd")));
        }
    }
    cases
}

#[test]
fn each_sample_gets_its_message() {
    let project = Project::shipped();
    copy(&repository("tests/invalid"), &project.path("tests/invalid"));
    // A build needs it; a profile without one is a sample of its own.
    project.write("examples/fastapi/requirements.txt", "").write("build/Dockerfile", "");
    let before = project.tree("");
    let cases = cases();
    let failures = std::thread::scope(|scope| {
        let check = |cases: &[Case]| cases.iter().flat_map(|case| case.check(&project)).collect::<Vec<_>>();
        let workers: Vec<_> = cases.chunks(cases.len().div_ceil(4)).map(|cases| scope.spawn(move || check(cases))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).collect::<Vec<_>>()
    });
    assert_none(&failures);
    let after = project.tree("");
    let written: Vec<&String> = after.keys().filter(|path| after.get(*path) != before.get(*path)).collect();
    assert!(written.is_empty() && before.len() == after.len(), "something was written: {written:?}");
}

#[test]
fn each_code_has_a_sample_and_each_folder_is_a_code() {
    let rules = infragen::rules::RULES.iter().map(|rule| rule.id.to_owned());
    let codes: BTreeSet<String> = codes_of_the_source().into_iter().chain(rules).collect();
    let files = tree(&repository("tests/invalid"));
    let folders: BTreeSet<String> = files.keys().filter_map(|path| path.split_once('/')).map(|(folder, _)| folder.to_owned()).collect();
    let mut wrong = Vec::new();
    for code in &codes {
        let has_message = files.keys().any(|path| path.starts_with(&format!("{code}/")) && (path.ends_with(".stderr") || path.ends_with(".stdout")));
        let excepted = NO_SAMPLE.iter().any(|(known, _)| known == code);
        if has_message == excepted {
            wrong.push(format!("`{code}` has {} in tests/invalid", if excepted { "a sample, but is excepted" } else { "no sample" }));
        }
    }
    wrong.extend(folders.difference(&codes).map(|folder| format!("tests/invalid/{folder} is no code")));
    wrong.extend(NO_SAMPLE.iter().filter(|(code, _)| !codes.contains(*code)).map(|(code, _)| format!("`{code}` is excepted, but is no code")));
    for (path, content) in &files {
        if path.ends_with(".stderr") || path.ends_with(".stdout") {
            let reported = codes_in(&String::from_utf8_lossy(content));
            wrong.extend(reported.difference(&codes).map(|code| format!("{path}: `{code}` was not found in src")));
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_code_is_explained() {
    let known: Vec<&str> = infragen::diagnostics::codes::CODES.iter().map(|code| code.id).collect();
    let codes: Vec<String> = codes_of_the_source().into_iter().collect();
    assert_eq!(known, codes, "src/diagnostics/codes.rs is no sorted list of all codes");
    for code in infragen::diagnostics::codes::CODES {
        assert!(code.why.ends_with('.') && code.instead.ends_with('.') && !code.what.ends_with('.'), "{}", code.id);
    }
}

#[test]
fn each_message_has_its_sample() {
    let names: BTreeSet<(String, String)> = cases().into_iter().map(|case| (case.code, case.name)).collect();
    // What needs more than a file is made in a test of its own, which names the message.
    let others = text_of("tests/bad_input.rs");
    let mut orphans = Vec::new();
    for path in tree(&repository("tests/invalid")).into_keys() {
        let Some(stem) = path.strip_suffix(".stderr").or_else(|| path.strip_suffix(".stdout")) else { continue };
        let (code, name) = stem.split_once('/').expect("a folder for each code");
        if !names.contains(&(code.to_owned(), name.to_owned())) && !others.contains(stem) {
            orphans.push(format!("tests/invalid/{path} belongs to no sample"));
        }
    }
    assert_none(&orphans);
}

/// The codes of diagnostics that stand in `src`: behind `error(`, behind `let code =`, and in the arms on `ProblemKind`.
fn codes_of_the_source() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (path, text) in tree(&repository("src")) {
        let text = String::from_utf8(text).expect("source is UTF-8");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices("error(") {
            match code[at + "error(".len()..].trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                Some(literal) => drop(codes.insert(literal.to_owned())),
                None if code[..at].ends_with("Diagnostic::") => {
                    assert!(INDIRECT.contains(&path.as_str()), "src/{path} makes a diagnostic without a literal code");
                }
                None => {}
            }
        }
        for (at, _) in code.match_indices("let code = ") {
            codes.extend(code[at..].split(';').next().unwrap_or_default().split('"').skip(1).step_by(2).map(str::to_owned));
        }
        for (at, _) in code.match_indices("ProblemKind::").filter(|_| Path::new(&path) == Path::new("profile/read.rs")) {
            codes.extend(code[at..].split("=>").nth(1).and_then(|arm| arm.split('"').nth(1)).map(str::to_owned));
        }
    }
    codes.retain(|code| !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    codes
}
