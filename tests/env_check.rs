//! `env check`: each rule with a file that breaks it, what is printed in each format, and the exit status.
#![cfg(unix)]

mod support;

#[path = "env_check/file.rs"]
mod file;
#[path = "env_check/samples.rs"]
mod samples;

use infragen::diagnostics::Severity;
use infragen::envfile::ENV_RULES;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use support::{Outcome, Project, text_of};

/// A file without mistakes for `tests/support/env.yaml`.
const GOOD: &str = "\
HOOK_URL=https://hooks.example.com/x
CACHE_PASSWORD=3f9c1d7ab2e84a60d51f
CACHE_URL=redis://:3f9c1d7ab2e84a60d51f@cache:6379/0
DATABASE_PASSWORD=9e41b7d02c6f8a35e07d
DATABASE_URL=postgresql://shop_owner:9e41b7d02c6f8a35e07d@database:5432/shop
WAREHOUSE_PASSWORD='p@ss/w:ord 1%'
WAREHOUSE_URL='postgresql://reader:p%40ss%2Fw%3Aord%201%25@warehouse.example.com:5433/facts?sslmode=require'
PIN_PHRASE=candle-orbit-velvet-tunnel-pepper-glacier-anchor-willow
SALT=7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2g+/Zz
TOKEN=tok-5f2c9a7e
KEY=wR1tY6uI3oP5aS0dF2g_7fK2mQ9xL4vN8-QqLm
SENTRY_DSN=https://abc@sentry.example.com/7
";

/// A project with `tests/support/env.yaml` as the profile `prod`.
fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml"));
    project
}

/// The env file `x.env`, readable by its owner alone.
fn put(project: &Project, content: impl AsRef<[u8]>) {
    project.write("x.env", content);
    std::fs::set_permissions(project.path("x.env"), PermissionsExt::from_mode(0o600)).expect("a mode");
}

/// A finding as these tests write it: `3 error[rule] message`, with `-` for the file as a whole.
struct Expected {
    line: Option<u64>,
    severity: Severity,
    rule: String,
    message: String,
}

fn expected(written: &str) -> Expected {
    let (line, rest) = written.split_once(' ').expect("a line");
    let (head, message) = rest.split_once("] ").expect("a rule");
    let (severity, rule) = head.split_once('[').expect("a severity");
    let severity = [Severity::Info, Severity::Warning, Severity::Error].into_iter().find(|known| known.as_str() == severity).expect("a severity");
    Expected { line: line.parse().ok(), severity, rule: rule.to_owned(), message: message.to_owned() }
}

/// Checks `x.env` in each format: these findings, in this order, and nothing else.
#[track_caller]
fn finds(project: &Project, written: &[&str]) -> Outcome {
    let findings: Vec<Expected> = written.iter().map(|written| expected(written)).collect();
    let status = i32::from(findings.iter().any(|finding| finding.severity >= Severity::Warning));
    let help = |rule: &str| ENV_RULES.iter().find(|known| known.id == rule).unwrap_or_else(|| panic!("no rule {rule}")).help;
    let (mut text, mut github, mut list) = (String::new(), String::new(), Vec::new());
    for Expected { line, severity, rule, message } in &findings {
        let (colon, comma) = line.map_or_else(Default::default, |line| (format!(":{line}"), format!(",line={line}")));
        text += &format!("x.env{colon}: {}[{rule}]: {message}\n    {}\n", severity.as_str(), help(rule));
        let level = if *severity == Severity::Info { "notice" } else { severity.as_str() };
        github += &format!("::{level} file=x.env{comma},title={rule}::{message}. {}\n", help(rule));
        list.push(json!({
            "rule": rule, "severity": severity.as_str(), "path": null, "message": message, "help": help(rule),
            "location": {"file": "x.env", "line": line, "column": line.map(|_| 1)},
        }));
    }
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let plural = |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let counts = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
    let mut parts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| plural(*count, word)).collect();
    parts.extend((count(Severity::Info) > 0).then(|| format!("{} to be supplied", count(Severity::Info))));
    text += &format!("x.env: {}\n", if parts.is_empty() { "complete".to_owned() } else { parts.join(", ") });
    assert_eq!(project.run("env check prod x.env --format github").status(status).quiet().stdout, github);
    let document = json!({"version": 1, "profile": "prod", "findings": list});
    assert_eq!(project.run("env check prod x.env --format json").status(status).quiet().json(), document);
    let outcome = project.run("env check prod x.env").status(status).quiet();
    assert_eq!(outcome.stdout, text);
    outcome
}

#[test]
fn a_good_file_is_complete() {
    let project = project();
    put(&project, GOOD);
    finds(&project, &[]);
    for line in ["TOKEN='a b c d $C'", "TOKEN=\"a b c 'd'\"", "export TOKEN=tok-5f2c9 # note", "TOKEN='two\nlines'", "TOKEN='žluťoučký'", "  TOKEN=tok-5f#c9a"]
    {
        put(&project, GOOD.replace("TOKEN=tok-5f2c9a7e", line));
        finds(&project, &[]);
    }
    // Other ways to write the same.
    put(
        &project,
        format!("\u{feff}# mine\n\n{}", GOOD.replace("KEY=", "export KEY=").replace("TOKEN=tok-5f2c9a7e", "  TOKEN='tok-5f2c9a7e' # theirs").trim_end()),
    );
    finds(&project, &[]);
}

#[test]
fn each_rule_has_a_sample() {
    let project = project();
    for (edits, written) in samples::SAMPLES {
        let mut text = GOOD.to_owned();
        for (from, to) in *edits {
            assert_eq!(text.matches(from).count(), 1, "{from:?} in\n{text}");
            text = text.replace(from, to);
        }
        put(&project, &text);
        println!("{edits:?}");
        finds(&project, written);
    }
    let seen = |id: &str| samples::SAMPLES.iter().flat_map(|(_, written)| *written).chain(file::OF_FILES).any(|written| written.contains(&format!("[{id}]")));
    let missing: Vec<&str> = ENV_RULES.iter().map(|rule| rule.id).filter(|id| !seen(id)).collect();
    assert!(missing.is_empty(), "rules without a sample: {missing:?}");
}

/// By line, and what is not in the file last.
#[test]
fn findings_come_in_the_order_of_the_file() {
    let project = project();
    let text = "TOKEN=\r\nUNKNOWN_NAME=x\ntwo words\nKEY=$X\nKEY='\nHOOK_URL=h\nHOOK_URL=i\nSALT=short\n";
    put(&project, text);
    std::fs::set_permissions(project.path("x.env"), PermissionsExt::from_mode(0o644)).expect("a mode");
    finds(
        &project,
        &[
            "- error[file-mode] the mode of the file is 644 and not 600: its owner alone reads and writes it",
            "1 warning[carriage-return] the lines end in carriage returns (Windows): shells take them for a part of the value",
            "1 error[not-supplied] TOKEN is supplied from outside and has no value yet",
            "2 warning[unknown-variable] this name is not known to the profile: nothing reads it",
            "3 error[unreadable-line] Docker Compose cannot read this line: there is a space in the name",
            "4 error[dollar-outside-quotes] KEY has a $ outside single quotes: Docker Compose and shells look for a variable there",
            "5 error[unreadable-line] Docker Compose cannot read this line: a quote is not closed",
            "6 error[malformed-value] HOOK_URL has the wrong format: expected a URL such as https://example.com",
            "7 error[duplicate-variable] HOOK_URL is set again: line 6 is not read",
            "7 error[malformed-value] HOOK_URL has the wrong format: expected a URL such as https://example.com",
            "8 error[weak-secret] SALT is weak: it has 5 characters, 22 are needed",
            "- error[missing-variable] CACHE_PASSWORD is required and not in the file",
            "- error[missing-variable] CACHE_URL is required and not in the file",
            "- error[missing-variable] DATABASE_PASSWORD is required and not in the file",
            "- error[missing-variable] DATABASE_URL is required and not in the file",
            "- error[missing-variable] PIN_PHRASE is required and not in the file",
            "- info[to-be-supplied] SENTRY_DSN is supplied from outside and has no value yet",
            "- error[not-supplied] WAREHOUSE_PASSWORD is supplied from outside and has no value yet",
            "- error[missing-variable] WAREHOUSE_URL is required and not in the file",
        ],
    );
}

/// A warning alone is a finding, and what is to be supplied is none.
#[test]
fn the_status_follows_the_severity() {
    let project = project();
    put(&project, format!("{GOOD}SOME_MORE=x\n"));
    finds(&project, &["13 warning[unknown-variable] this name is not known to the profile: nothing reads it"]).status(1);
    put(&project, GOOD.replace("SENTRY_DSN=https://abc@sentry.example.com/7\n", "SENTRY_DSN=\n"));
    finds(&project, &["12 info[to-be-supplied] SENTRY_DSN is supplied from outside and has no value yet"]).status(0);
}

/// On a developer's machine secrets are known to everybody. Formats, lines and the mode count all the same.
#[test]
fn development_is_not_asked_for_strength() {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml").replace("kind: production", "kind: development").replace(", storage: 1Gi", ""));
    let text = GOOD
        .replace("KEY=wR1tY6uI3oP5aS0dF2g_7fK2mQ9xL4vN8-QqLm", "KEY=tok-5f2c9a7e")
        .replace("SALT=7fK2mQ9xL4vN8wR1tY6uI3oP5aS0dF2g+/Zz", "SALT=development-only-salt");
    put(&project, text.replace("HOOK_URL=https://hooks.example.com/x", "HOOK_URL=x"));
    finds(&project, &["1 error[malformed-value] HOOK_URL has the wrong format: expected a URL such as https://example.com"]);
    put(&project, text.replace("CACHE_URL=redis://:3f", "CACHE_URL=redis://:4f").replace("TOKEN=tok-5f2c9a7e", "TOKEN=changeme"));
    finds(
        &project,
        &[
            "3 error[derived-mismatch] CACHE_URL does not match CACHE_PASSWORD and the other parts that it is made of",
            "10 error[placeholder-left] TOKEN still has a placeholder for a value",
        ],
    );
}
