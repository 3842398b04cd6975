//! No command ever prints a secret's value, wherever in the env file it stands.

mod support;
#[path = "support/texts.rs"]
mod texts;

use infragen::envfile::{Content, Facts, Finding, OWNER_ONLY, check, generate, quote};
use infragen::pipeline::Pipeline;
use infragen::profile::locate;
use infragen::stack::Stack;
use proptest::prelude::*;
use std::cell::RefCell;
use support::{Project, text_of};
use texts::runner;

/// Pieces of a value that are long enough to be told from words of messages.
const PIECE: usize = 6;

fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/shop.yaml", text_of("tests/support/env_profile.yaml"));
    project
}

fn stack(project: &Project) -> (Pipeline, Stack) {
    let mut pipeline = Pipeline::new(&project.path(""));
    let stack = pipeline.stack(&locate("shop", &project.path("")).expect("it is there")).expect("it is sound");
    (pipeline, stack)
}

/// Random characters, of which no message has six in a row.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9+/=]{12,40}", "[A-Z0-9]{12,30}", "[!-~]{12,30}", "[a-z]{6}[ =:'\"$#\\\\%@/]{1,3}[A-Z0-9]{8,20}", "[a-zá-ž密碼]{12,20}"]
}

/// A line, or several, with the secret somewhere in it.
fn lines(name: &'static str, secret: &str) -> Vec<String> {
    vec![
        format!("{name}={secret}\n"),
        format!("{name}={}\n", quote(secret)),
        format!("{name}='{secret}\n"),
        format!("{name}=\"{secret}\n{secret}==\n"),
        format!("export {name} = {secret}\n"),
        format!("{name}: {secret}\n"),
        format!("{secret}\n"),
        format!("{secret}=\n"),
        format!("{secret}={secret}\n"),
        format!("UNKNOWN_NAME={secret}\n"),
        format!("{name}=x {secret}\n"),
        format!("{name}=${{{secret}}}\n"),
        format!("{name}='-----BEGIN KEY-----\n{secret}\n-----END KEY-----'\n"),
        format!("# {name}={secret}\n"),
        format!("{name}=\r\n{secret}\r\n"),
        format!("DATABASE_URL=postgresql://shop:{secret}@database:5432/shop\n"),
    ]
}

/// A piece of the secret that is printed, if there is one.
fn leak(secret: &str, printed: &str) -> Option<String> {
    let characters: Vec<char> = secret.chars().collect();
    characters.windows(PIECE).map(|piece| piece.iter().collect::<String>()).find(|piece| printed.contains(piece.as_str()))
}

fn said(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.message() + &format!("{finding:?}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn findings_and_reports_hold_no_value() {
    let project = project();
    let (mut pipeline, stack) = stack(&project);
    let example = pipeline.env_example(&stack).expect("it is rendered");
    let count = RefCell::new(0);
    let strategy = (secret(), proptest::sample::select(&["SECRET_KEY", "DATABASE_PASSWORD", "LICENCE", "SITE_URL", "SMTP_PORT"][..]), 0..16_usize);
    let result = runner(3000).run(&strategy, |(secret, name, form)| {
        let text = format!("LICENCE=abc\n{}SESSION_KEY=x\n", lines(name, &secret)[form]);
        let facts = Facts { mode: OWNER_ONLY, tracked: false };
        let printed = said(&check(&stack, &Content::Text(text.clone()), facts));
        prop_assert_eq!(leak(&secret, &printed), None, "{} of {:?}", printed, text);
        // Another sequence at each call: what is weak is made again.
        let mut state = 1_u32;
        let mut random = |buffer: &mut [u8]| {
            for byte in buffer {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
            Ok(())
        };
        let made = generate(&stack, Some(&text), &example, &mut random).expect("there are random bytes").made;
        prop_assert_eq!(leak(&secret, &format!("{made:?}")), None, "{:?}", text);
        *count.borrow_mut() += 1;
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(*count.borrow() >= 3000);
}

#[test]
fn commands_print_no_value() {
    let project = project();
    project.run("render shop").status(0);
    let secret = "qX7zKp93Vw-LmT2=rB8nY";
    for (at, text) in lines("SECRET_KEY", secret).into_iter().enumerate() {
        project.write("out/.env.production", text);
        for arguments in [
            "env check shop",
            "env check shop --format json",
            "env check shop --format github",
            "env generate shop",
            "env check shop",
            "render shop --force",
            "diff",
            "lint",
            "golden check",
        ] {
            let outcome = project.run(arguments);
            assert_eq!(leak(secret, &format!("{}{}", outcome.stdout, outcome.stderr)), None, "form {at}: {arguments}: {outcome}");
        }
        // What is made is printed no more than what was there.
        let made = infragen::envfile::parse(&project.read("out/.env.production"));
        let printed = project.run("env check shop").stdout + &project.run("env generate shop").stdout;
        for (name, value) in made.values().into_iter().filter(|(name, _)| ["SESSION_KEY", "DATABASE_PASSWORD"].contains(name)) {
            assert_eq!(leak(value, &printed), None, "{name}");
        }
    }
}
