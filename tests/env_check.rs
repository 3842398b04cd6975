//! `infragen env check`: each rule has its samples, and every format says the same.

mod support;

use infragen::envfile::ENV_RULES;
use std::os::unix::fs::PermissionsExt;
use support::{Project, assert_none, text_of};

/// A file that nothing is wrong with, but for an optional secret that nobody has supplied.
const GOOD: &str = "\
SITE_URL=https://shop.example.com
DATABASE_PASSWORD=3f9c1d7ab2e84a60
DATABASE_URL=postgresql://shop:3f9c1d7ab2e84a60@database:5432/shop
LICENCE=AX-4471-Q
SECRET_KEY=7fK2mQ9xL4vN8wR1tY6zB3cD5gH0jP-sU_aE7fK2mQ9x
SESSION_KEY=acid-beacon-cactus-dolphin-ember-falcon-garlic-hazel
";

struct Case {
    rule: &'static str,
    /// Lines of the good file that are replaced; a line that names no variable of it is added.
    lines: &'static [&'static str],
    /// What is printed: line, and the message behind the rule's name.
    found: &'static [(usize, &'static str)],
}

const CASES: &[Case] = &[
    Case { rule: "not-supplied", lines: &["-LICENCE"], found: &[(0, "LICENCE is supplied from outside and has no value yet")] },
    Case { rule: "missing-variable", lines: &["-SITE_URL"], found: &[(0, "SITE_URL is required and not in the file")] },
    Case { rule: "not-supplied", lines: &["LICENCE="], found: &[(4, "LICENCE is supplied from outside and has no value yet")] },
    Case { rule: "empty-variable", lines: &["SITE_URL="], found: &[(1, "SITE_URL is required and has no value")] },
    Case { rule: "unknown-variable", lines: &["OLD_SETTING=1"], found: &[(7, "this name is not known to the profile: nothing reads it")] },
    Case { rule: "unknown-variable", lines: &["MIIEvQ=1"], found: &[(7, "this name is not known to the profile: nothing reads it")] },
    Case { rule: "placeholder-left", lines: &["SECRET_KEY='<64 random characters>'"], found: &[(5, "SECRET_KEY still has a placeholder for a value")] },
    Case { rule: "placeholder-left", lines: &["LICENCE=your-licence"], found: &[(4, "LICENCE still has a placeholder for a value")] },
    Case { rule: "weak-secret", lines: &["SECRET_KEY=7fK2mQ9xL4vN8wR1"], found: &[(5, "SECRET_KEY is weak: it has 16 characters, 32 are needed")] },
    Case { rule: "weak-secret", lines: &["SESSION_KEY=password-12345678"], found: &[(6, "SESSION_KEY is weak: it is a well-known password")] },
    Case { rule: "weak-secret", lines: &["SESSION_KEY=aB3xyaB3xyaB3xyaB3xy"], found: &[(6, "SESSION_KEY is weak: it repeats itself")] },
    Case { rule: "weak-secret", lines: &["SESSION_KEY=abcdefghijklmnopq1"], found: &[(6, "SESSION_KEY is weak: it is a sequence")] },
    Case { rule: "weak-secret", lines: &["SESSION_KEY=kdjwnqpzmvbhrtyx"], found: &[(6, "SESSION_KEY is weak: it has only one kind of characters")] },
    Case { rule: "weak-secret", lines: &["SESSION_KEY=ax1xa1ax1xxa1xa1"], found: &[(6, "SESSION_KEY is weak: it is easy to guess")] },
    Case { rule: "weak-secret", lines: &["LICENCE=short"], found: &[(4, "LICENCE is weak: it has 5 characters, 8 are needed")] },
    Case {
        rule: "development-value",
        lines: &["SESSION_KEY=development-only-session-key"],
        found: &[(6, "SESSION_KEY has a value that is meant for development and known to everybody")],
    },
    Case {
        rule: "reused-secret",
        lines: &["SESSION_KEY=7fK2mQ9xL4vN8wR1tY6zB3cD5gH0jP-sU_aE7fK2mQ9x"],
        found: &[(6, "SESSION_KEY has the same value as SECRET_KEY: who learns one knows both")],
    },
    Case {
        rule: "malformed-value",
        lines: &["SITE_URL=shop.example.com"],
        found: &[(1, "SITE_URL has the wrong format: expected a URL such as https://example.com")],
    },
    Case { rule: "malformed-value", lines: &["SMTP_PORT=smtp"], found: &[(7, "SMTP_PORT has the wrong format: expected a port from 1 to 65535")] },
    Case {
        rule: "malformed-value",
        lines: &["FEATURE_ON=maybe"],
        found: &[(7, "FEATURE_ON has the wrong format: expected true, false, 1, 0, yes, no, on or off")],
    },
    Case { rule: "malformed-value", lines: &["MAX_ITEMS=ten"], found: &[(7, "MAX_ITEMS has the wrong format: expected a whole number")] },
    Case {
        rule: "malformed-value",
        lines: &["WAIT_FOR=30"],
        found: &[(7, "WAIT_FOR has the wrong format: expected a number with a unit (ms, s, m, h, d), such as 30s")],
    },
    Case { rule: "malformed-value", lines: &["REPORT_TO=ops"], found: &[(7, "REPORT_TO has the wrong format: expected an e-mail address")] },
    Case {
        rule: "malformed-value",
        lines: &["SENTRY_DSN=none.example.com"],
        found: &[(7, "SENTRY_DSN has the wrong format: expected a URL such as https://example.com")],
    },
    Case {
        rule: "derived-mismatch",
        lines: &["DATABASE_PASSWORD=9b1d77e0c4a2f385"],
        found: &[(3, "DATABASE_URL does not match DATABASE_PASSWORD and the other parts that it is made of")],
    },
    Case {
        rule: "derived-mismatch",
        lines: &["DATABASE_URL=postgresql://shop:3f9c1d7ab2e84a60@localhost:5432/shop"],
        found: &[(3, "DATABASE_URL does not match DATABASE_PASSWORD and the other parts that it is made of")],
    },
    Case { rule: "duplicate-variable", lines: &["+LICENCE=AX-4471-R"], found: &[(7, "LICENCE is set again: line 4 is not read")] },
    Case {
        rule: "ambiguous-line",
        lines: &["LICENCE = AX-4471-Q"],
        found: &[(4, "LICENCE: Docker Compose, shells and dotenv libraries may read this line differently")],
    },
    Case { rule: "ambiguous-line", lines: &["LICENCE"], found: &[(4, "LICENCE: Docker Compose, shells and dotenv libraries may read this line differently")] },
    Case {
        rule: "dollar-outside-quotes",
        lines: &["LICENCE=AX-$4471"],
        found: &[(4, "LICENCE has a $ outside single quotes: Docker Compose and shells look for a variable there")],
    },
    Case {
        rule: "dollar-outside-quotes",
        lines: &["LICENCE=\"${AX:?}\""],
        found: &[(4, "LICENCE has a $ outside single quotes: Docker Compose and shells look for a variable there")],
    },
    Case { rule: "unreadable-line", lines: &["?"], found: &[(7, "Docker Compose cannot read this line: the name holds a character that no name has")] },
    Case { rule: "unreadable-line", lines: &["LICENCE='AX-4471-Q"], found: &[(4, "Docker Compose cannot read this line: a quote is not closed")] },
    Case {
        rule: "carriage-return",
        lines: &["LICENCE=AX-4471-Q\r"],
        found: &[(4, "the lines end in carriage returns (Windows): shells take them for a part of the value")],
    },
];

/// Rules about the file as a whole, which have tests of their own below; and one that is in every sample.
const OTHERS: [&str; 5] = ["binary-file", "file-mode", "to-be-supplied", "too-large", "tracked-file"];

fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/shop.yaml", text_of("tests/support/env_profile.yaml"));
    put(&project, GOOD);
    project
}

fn put(project: &Project, content: impl AsRef<[u8]>) {
    project.write("out/.env.production", content);
    std::fs::set_permissions(project.path("out/.env.production"), PermissionsExt::from_mode(0o600)).expect("a mode");
}

fn with(lines: &[&str]) -> String {
    let mut text: Vec<String> = GOOD.lines().map(str::to_owned).collect();
    for line in lines {
        let added = line.strip_prefix('+');
        let name = line.trim_start_matches('-').split(['=', ' ']).next().unwrap_or_default().trim_end_matches('\r');
        match text.iter().position(|known| known.starts_with(&format!("{name}="))).filter(|_| added.is_none()) {
            Some(at) if line.starts_with('-') => drop(text.remove(at)),
            Some(at) => (*line).clone_into(&mut text[at]),
            None => text.push(added.unwrap_or(line).to_owned()),
        }
    }
    text.join("\n") + "\n"
}

#[test]
fn each_mistake_is_named_in_every_format() {
    let project = project();
    let mut wrong = Vec::new();
    for Case { rule, lines, found } in CASES {
        put(&project, with(lines));
        let outcome = project.run("env check shop").status(1).quiet();
        let severity = ENV_RULES.iter().find(|known| known.id == *rule).expect("it is a rule").severity.as_str();
        for (line, message) in *found {
            let place = if *line == 0 { String::new() } else { format!(":{line}") };
            let expected = format!("out/.env.production{place}: {severity}[{rule}]: {message}\n");
            if !outcome.stdout.contains(&expected) {
                wrong.push(format!("{lines:?}: `{expected}` is not in\n{}", outcome.stdout));
            }
        }
        let heads: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains("]: ") && !line.contains("[to-be-supplied]")).collect();
        if heads.len() != found.len() {
            wrong.push(format!("{lines:?}: more is found\n{}", outcome.stdout));
        }
        let json = project.run("env check shop --format json").status(1).json();
        let github = project.run("env check shop --format github").status(1).stdout;
        let all = json["findings"].as_array().expect("a list");
        let shown = outcome.stdout.lines().filter(|line| line.contains("]: ")).count();
        if (all.len(), github.lines().count()) != (shown, shown)
            || !all.iter().any(|finding| finding["rule"] == *rule)
            || !github.contains(&format!("title={rule}"))
        {
            wrong.push(format!("{lines:?}: other formats say\n{json:#}\n{github}"));
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_rule_has_a_sample() {
    for rule in ENV_RULES {
        let is_tried = CASES.iter().any(|case| case.rule == rule.id);
        assert!(is_tried != OTHERS.contains(&rule.id), "{}", rule.id);
    }
}

#[test]
fn a_good_file_is_clean_and_what_is_to_be_supplied_is_listed() {
    let project = project();
    let outcome = project.run("env check shop").status(0).quiet();
    assert!(outcome.stdout.starts_with("out/.env.production: info[to-be-supplied]: SENTRY_DSN is supplied from outside"), "{outcome}");
    assert!(outcome.stdout.ends_with("out/.env.production: 1 to be supplied\n"), "{outcome}");
    put(&project, format!("{GOOD}SENTRY_DSN=https://key@sentry.example.com/1\nCOMPOSE_PROJECT_NAME=x\n"));
    assert_eq!(project.run("env check shop").status(0).quiet().stdout, "out/.env.production: complete\n");
    // In any folder, by any name.
    project.write("elsewhere/values", GOOD);
    std::fs::set_permissions(project.path("elsewhere/values"), PermissionsExt::from_mode(0o600)).expect("a mode");
    project.run_in("elsewhere", "env check ../profiles/shop.yaml values").status(0).out("values: 1 to be supplied\n");
}

#[test]
fn values_in_all_forms_that_everybody_reads_are_good() {
    let project = project();
    for line in [
        "LICENCE='AX 4471 $Q'",
        "LICENCE=\"AX 4471 'Q'\"",
        "export LICENCE=AX-4471-Q # note",
        "LICENCE='AX 1\n4471'",
        "LICENCE='žluťoučký'",
        "  LICENCE=AX-4471#Q",
    ] {
        put(&project, GOOD.replace("LICENCE=AX-4471-Q", line));
        project.run("env check shop").status(0).quiet();
    }
    put(&project, format!("\u{feff}{GOOD}"));
    project.run("env check shop").status(0).quiet();
    // What a connection string adds, and how it encodes, is its owner's choice.
    put(&project, GOOD.replace("3f9c1d7ab2e84a60@database:5432/shop", "%33f9c1d7ab2e84a60@database:5432/shop?application_name=web"));
    project.run("env check shop").status(0).quiet();
}

#[test]
fn the_file_as_a_whole() {
    let project = project();
    let file = project.path("out/.env.production");
    for mode in [0o640, 0o604, 0o700, 0o400] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("a mode");
        let message = format!("out/.env.production: error[file-mode]: the mode of the file is {mode:o} and not 600: ");
        project.run("env check shop").status(1).out(&message);
    }
    for content in [b"A=\0\n".as_slice(), b"A=\xff\n", b"\x7fELF\x02\x00"] {
        put(&project, content);
        project.run("env check shop").status(1).out("out/.env.production: error[binary-file]: the file holds bytes that are no text\n");
    }
    put(&project, "A=1\n".repeat(1 << 20));
    project.run("env check shop").status(1).out("out/.env.production: error[too-large]: the file is larger than 256 KiB\n");
    put(&project, GOOD);
    project.git("init --quiet").git("add --force out/.env.production");
    project.run("env check shop").status(1).out("out/.env.production: error[tracked-file]: git has the file: ");
}

#[test]
fn what_cannot_be_read_is_status_2() {
    let project = project();
    project.run("env check shop nowhere").status(2).err("error[missing-file]: cannot read `nowhere`").err("help: `infragen env generate");
    project.run("env check shop profiles").status(2).err("error[unreadable-file]: `profiles` is no regular file");
    project.run("env check shpo").status(2).err("did you mean `shop`?");
    let made = std::process::Command::new("mkfifo").arg(project.path("pipe")).status();
    if made.is_ok_and(|status| status.success()) {
        project.run("env check shop pipe").status(2).err("is no regular file");
    }
}
