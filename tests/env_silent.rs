//! No command ever prints a secret's value, nor a piece of it, however it is written and whatever is wrong with the file.
#![cfg(unix)]

#[path = "support/env_mutations.rs"]
mod env_mutations;
mod support;
#[path = "support/texts.rs"]
mod texts;

use env_mutations::Dice;
use infragen::envfile::{Content, Facts, check, generate, quote};
use infragen::pipeline::Pipeline;
use infragen::profile::Located;
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;
use support::{Project, text_of};
use texts::runner;

/// Where secrets stand: `@` is one.
#[rustfmt::skip]
const FORMS: &[&str] = &[
    "KEY=@", "KEY='@'", "KEY=\"@\"", "KEY='@", "KEY=\"@", "KEY=@'", "KEY='@' @", "KEY='@'@", "KEY='@'@=@", "KEY=\"@\" @='@", "KEY=@ # @", "# @", "#@=@", "KEY=# @", "KEY = @", "KEY: @", "export KEY=@",
    "export @=x", "export @", "@", "@=", "@==", "@=@", "@ = @", "@: x", "'@'=x", "\"@\"", "'@", "TWO @=x", "@ WORDS", "UNKNOWN_NAME=@", "lower='@'", "COMPOSE_@=x", "COMPOSE_PROFILES=@", "A_@=x", "@_A=x",
    "KEY=$@", "KEY=${@}", "KEY=${@", "KEY=${X:-@}", "KEY=${X?@}", "KEY=${X:?@", "KEY=\"${@:-@}\"", "KEY='$@'", "KEY=\"\\@\"", "KEY=\"\\0000@\"", "KEY=\"\\0044@\"", "KEY=\"@\\n@==\"", "KEY=`@`", "KEY=\\@",
    "KEY='-----BEGIN KEY-----\n@==\n@\n@=\n-----END KEY-----'", "KEY=\"-----BEGIN KEY-----\n@==\n@\n-----END KEY-----\n", "KEY=-----BEGIN KEY-----\n@==\n@/@+@=\n-----END KEY-----\n", "{\"key\": \"@\"}",
    "CACHE_PASSWORD=@\nCACHE_URL=redis://:@@cache:6379/0", "CACHE_URL=redis://:@@cache:6379/0", "CACHE_URL=@", "DATABASE_URL=postgresql://@:@@@:5432/@", "WAREHOUSE_PASSWORD='@'\nWAREHOUSE_URL=",
    "HOOK_URL=@", "HOOK_URL=https://u:@@example.com/@?@#@", "MAIL_TO=@", "MAIL_PORT=@", "RATE=@", "DEBUG_SQL=@", "PATIENCE=@s", "NOTE=@", "TOKEN=@", "TOKEN=@\nTOKEN=@", "SENTRY_DSN=https://@@@/@", "ODD_SECRET=@",
    "SALT=@@@@@@@@", "SALT=<@>", "SALT=changeme-@", "SALT=development-only-@", "SALT=@\nKEY=@\nTOKEN=@", "@\r", "KEY=@\r", "\u{feff}@", "\u{a0}@", "@\u{a0}=x", "@é", "é@=x", "@[0]=x", "@.@=x", "-@=x", "@\0", "KEY=@\0",
];

/// A secret of one of the alphabets that programs make secrets of.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]{12,40}",
        "[a-f0-9]{16,64}",
        "[A-Z2-7]{16,32}",
        "[A-Za-z0-9_-]{16,48}",
        "[A-Za-z0-9+/]{16,64}",
        "[a-zA-Z0-9!#%^&*()$ ]{14,30}",
        "[a-z]{14,30}"
    ]
}

/// A file with secrets in some forms, and the secrets.
fn file() -> impl Strategy<Value = (String, Vec<String>)> {
    let line = (proptest::sample::select(FORMS), proptest::collection::vec(secret(), 3), any::<bool>());
    proptest::collection::vec(line, 1..7).prop_map(|lines| {
        let (mut text, mut secrets) = (String::new(), Vec::new());
        for (form, three, is_quoted) in lines {
            // Each place has another secret.
            let mut next = three.iter().cycle();
            for (at, piece) in form.split('@').enumerate() {
                if at > 0 {
                    let secret = next.next().expect("there are three");
                    text += &if is_quoted && piece.is_empty() { quote(secret) } else { secret.clone() };
                }
                text += piece;
            }
            text.push('\n');
            secrets.extend(three);
        }
        (text, secrets)
    })
}

/// Six characters of a secret that were printed.
fn leak(printed: &str, secrets: &[String]) -> Option<String> {
    let pieces = secrets.iter().flat_map(|secret| secret.as_bytes().windows(6));
    pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()).find(|piece| printed.contains(piece.as_str()))
}

#[test]
fn the_test_would_see_it() {
    assert_eq!(leak("a message with wXyZ09 in it", &["abwXyZ09cd".into()]), Some("wXyZ09".into()));
    assert_eq!(leak("a message with wXyZ0 in it", &["abwXyZ09cd".into()]), None);
}

/// Findings and what was made, as every format of the command line prints them.
#[test]
fn no_finding_holds_a_piece_of_a_secret() {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml"));
    let located = Located { name: "prod".into(), file: project.path("profiles/prod.yaml"), root: project.path("") };
    let mut pipeline = Pipeline::new(&project.path(""));
    let stack = pipeline.stack(&located).unwrap_or_else(|errors| panic!("{errors:?}"));
    let example = pipeline.env_example(&stack).unwrap_or_else(|errors| panic!("{errors:?}"));
    let dice = std::cell::RefCell::new(Dice(5));
    runner(1000)
        .run(&file(), |(text, secrets)| {
            let findings = check(&stack, &Content::Text(text.clone()), Facts { mode: 0o644, tracked: true });
            let printed: String =
                findings.iter().map(|finding| format!("{} {} {:?}\n", finding.message(), finding.rule.help, finding.about)).collect::<Vec<_>>().concat();
            prop_assert_eq!(leak(&printed, &secrets), None, "{}", printed);
            let mut random = |buffer: &mut [u8]| dice.borrow_mut().fill(buffer);
            let made = generate(&stack, Some(&text), &example, &mut random).expect("there are random bytes").made;
            let printed: String = made.iter().map(|(made, name)| format!("{} {name}\n", made.as_str())).collect::<Vec<_>>().concat();
            prop_assert_eq!(leak(&printed, &secrets), None, "{}", printed);
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_command_prints_a_piece_of_a_secret() {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml"));
    project.run("render prod").status(0);
    let example = project.read("deploy/prod/.env.production.example");
    let count = std::cell::Cell::new(0);
    runner(24)
        .run(&file(), |(text, secrets)| {
            let path = project.path("deploy/prod/.env.production");
            let put = || {
                project.write("deploy/prod/.env.production", &text);
                std::fs::set_permissions(&path, PermissionsExt::from_mode(if text.len() % 2 == 0 { 0o600 } else { 0o644 })).expect("a mode");
            };
            put();
            let silent = |arguments: &str| {
                let outcome = project.run(arguments);
                count.set(count.get() + 1);
                assert_eq!(leak(&format!("{}{}", outcome.stdout, outcome.stderr), &secrets), None, "{arguments}: {outcome}\n{text}");
            };
            for arguments in [
                "env check prod",
                "env check prod --format json",
                "env check prod --format github",
                "env generate prod",
                "env check prod",
                "lint",
                "diff prod",
                "golden check",
            ] {
                silent(arguments);
            }
            put();
            silent("render prod");
            // Filled in where it is not meant to be: in the example, which is committed.
            project.write("deploy/prod/.env.production.example", format!("{example}{text}"));
            for arguments in [
                "diff prod",
                "diff prod --format json",
                "render prod",
                "render prod --dry-run",
                "env generate prod",
                "env check prod deploy/prod/.env.production.example",
                "render prod --force",
            ] {
                silent(arguments);
            }
            Ok(())
        })
        .unwrap();
    println!("ok    {} runs", count.get());
}

/// What is made is not printed, either.
#[test]
fn no_command_prints_what_it_generates() {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml"));
    for _ in 0..5 {
        let printed = project.run("env generate prod --out x.env").status(0);
        let text = project.read("x.env");
        let names = ["KEY", "SALT", "PIN_PHRASE", "CACHE_PASSWORD", "DATABASE_PASSWORD"];
        let secrets: Vec<String> =
            names.iter().filter_map(|name| text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")))).map(str::to_owned).collect();
        assert_eq!(secrets.len(), names.len());
        assert_eq!(leak(&format!("{}{}", printed.stdout, printed.stderr), &secrets), None, "{printed}");
        for arguments in ["env check prod x.env", "env check prod x.env --format json", "env generate prod --out x.env"] {
            let printed = project.run(arguments);
            assert_eq!(leak(&format!("{}{}", printed.stdout, printed.stderr), &secrets), None, "{printed}");
        }
        std::fs::remove_file(project.path("x.env")).expect("it is there");
    }
}
