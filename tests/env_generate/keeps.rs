//! Values, comments, order, white space and line ends of a file that is there.

use crate::env_mutations::{Dice, mutated};
use crate::support::{Project, text_of};
use crate::texts::runner;
use crate::{BACKUP, FILE, mode, project, values};
use infragen::envfile::{Parsed, ProblemKind, generate, parse};
use std::os::unix::fs::PermissionsExt;

/// Fills a file in, and gives the new text. What was there is in the backup.
#[track_caller]
fn filled(project: &Project, text: &str) -> String {
    project.write(FILE, text);
    project.run("env generate prod").status(0);
    let new = project.read(FILE);
    if new != text {
        assert_eq!(project.read(BACKUP), text, "the backup is what was there, byte by byte");
        assert_eq!((mode(&project.path(FILE)), mode(&project.path(BACKUP))), (0o600, 0o600));
    }
    new
}

/// The pieces of the old text in the new one: `…` stands for what is filled in.
#[track_caller]
fn keeps(new: &str, old: &str) {
    let mut rest = new;
    let mut pieces = old.split('…');
    let first = pieces.next().expect("one");
    rest = rest.strip_prefix(first).unwrap_or_else(|| panic!("{first:?} is not the start of {new:?}"));
    for piece in pieces {
        let found = if piece.is_empty() { Some((rest, "")) } else { rest.split_once(piece) };
        let (value, after) = found.unwrap_or_else(|| panic!("{piece:?} is not in {rest:?}"));
        assert!(value.len() >= 32 && !value.contains(['\r', '\n', ' ']), "{value:?} is a value");
        rest = after;
    }
}

/// A profile of two secrets, so that whole files can be looked at.
fn pair() -> Project {
    let project = Project::empty();
    let shop = crate::support::SHOP.replace("env: {LOG_LEVEL: INFO}", "secrets: {ONE: {}, TWO: {}}");
    // Compose would add a variable for the image's tag.
    let shop = shop.replace("compose: {}, ", "").replace("    publish: {port: 8080}\n", "");
    project.write("profiles/prod.yaml", format!("{shop}secrets: {{ONE: {{}}, TWO: {{}}}}\n"));
    project.write("deploy/prod/keep", "");
    project
}

#[test]
fn everything_but_the_filled_spans() {
    let project = pair();
    for old in [
        "ONE=…\nTWO=…\n",
        "TWO=…\nONE=…",
        "# mine\n\n\n  ONE=…   # why\n\tTWO=…\t\n# end",
        "ONE=…\r\n# mine\r\nTWO=…\r\n",
        "\u{feff}ONE=…\nTWO=…\n",
        "export ONE=…\nexport  TWO=…\n",
        "ONE = …\nTWO: …\n",
        "MINE='a b' # \"note\nONE=…\nOTHER=\"x\ny\n# ONE=\n\"   \nTWO=… # 'note\n\n\n",
        "x=1\nx=2\nONE=…\n$\nTWO=…\nJUST_A_NAME\n",
        "ONE=kept\nTWO=…\n",
        "ONE='kept too' \nTWO=…",
        "É=é\nTWO=…\nONE=…\u{85}\n",
    ] {
        for empty in ["", "''", "\"\"", "<fill me in>", "'<fill me in>'", "\"<1>\""] {
            // Without quotes, a comment right behind the = would be the value.
            if empty.is_empty() && (old.contains("=…   #") || old.contains("… #") || old.contains(" …")) {
                continue;
            }
            let text = old.replace('…', empty);
            let new = filled(&project, &text);
            keeps(&new, old);
            assert_eq!(values(&new).iter().filter(|(name, value)| ["ONE", "TWO"].contains(&name.as_str()) && !value.is_empty()).count(), 2, "{new:?}");
        }
    }
}

#[test]
fn white_space_behind_an_empty_value_stays_behind_it() {
    let project = pair();
    for end in ["\n", "  \n", "\r\n", " \t\r\n", "\u{a0}\n", ""] {
        let new = filled(&project, &format!("TWO=kept-2f9a7c1e5b3d8064\nONE={end}"));
        keeps(&new, &format!("TWO=kept-2f9a7c1e5b3d8064\nONE=…{end}"));
    }
}

/// What is not plainly missing is for people.
#[test]
fn what_somebody_has_to_decide_is_left_alone() {
    let project = pair();
    for text in [
        "ONE=\nONE=\nTWO=x\n",
        "ONE=\nONE=x\nTWO=x\n",
        "ONE=$X\nTWO=\"${X}\"\n",
        "ONE=${\nTWO=x\n",
        "ONE\nTWO=x\n",
        "ONE=changeme\nTWO=x\n",
        "ONE= # none\nTWO=x\n",
        "ONE=\"<a> <b>\" c\nTWO=x\n",
    ] {
        let new = filled(&project, text);
        let is_made = text.contains("<a>");
        assert!(new == text || is_made, "{text:?} became {new:?}");
        if !is_made {
            project.run("env generate prod").status(0).out("nothing is missing that can be made");
            assert_ne!(project.run("env check prod").status, 0, "it is not good, either");
        }
    }
}

/// What would be written behind the quote could close it.
#[test]
fn a_quote_that_is_not_closed_comes_first() {
    let project = pair();
    for text in ["A=b\nTWO='a\nONE=\n", "# it's\nMINE=\"\n\nONE=\n"] {
        project.write(FILE, text);
        let outcome = project.run("env generate prod").status(2).err("`deploy/prod/.env.production` has a quote on line 2 that is not closed");
        assert!(outcome.stdout.is_empty() && outcome.stderr.contains("close it, and run the command again; nothing was changed"), "{outcome}");
        assert_eq!(project.read(FILE), text);
        assert!(!project.path(BACKUP).exists());
    }
}

#[test]
fn a_second_run_does_nothing() {
    let project = project();
    project.write(FILE, "# mine\nTOKEN=abcdefgh\n");
    project.run("env generate prod").status(0).out(" generated  KEY");
    std::fs::remove_file(project.path(BACKUP)).expect("a backup");
    let look = || (project.read(FILE), std::fs::metadata(project.path(FILE)).expect("it is there").modified().expect("a time"));
    let before = look();
    std::thread::sleep(std::time::Duration::from_millis(20));
    project.run("env generate prod").status(0).out("deploy/prod/.env.production: nothing is missing that can be made\n");
    assert_eq!(look(), before, "neither bytes nor time");
    assert!(!project.path(BACKUP).exists());
    assert_eq!(project.tree("deploy/prod").into_keys().collect::<Vec<_>>(), [".env.production", "keep"]);
    // A mode that is too open is closed, even if nothing else is missing.
    std::fs::set_permissions(project.path(FILE), PermissionsExt::from_mode(0o644)).expect("a mode");
    project.run("env generate prod").status(0);
    assert_eq!(std::fs::metadata(project.path(FILE)).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_a_changed_profile_adds_stands_beside_its_neighbours() {
    let project = project();
    project.run("env generate prod").status(0);
    let old = project.read(FILE);
    project
        .edit("profiles/prod.yaml", "TOKEN: {}, SENTRY_DSN: {}}\n", "TOKEN: {}, SENTRY_DSN: {}, RANDOM_SEED: {}}\n")
        .edit("profiles/prod.yaml", "      NOTE:", "      NEW_LIMIT: {param: {default: 5, format: integer}}\n      NOTE:")
        .edit("profiles/prod.yaml", "  ODD_SECRET:", "  RANDOM_SEED: {description: Starts it.}\n  ODD_SECRET:");
    let outcome =
        project.run("env generate prod").status(0).out(" generated  RANDOM_SEED\n").out("     added  NEW_LIMIT\n").out("2 variables were filled in or added");
    assert!(!outcome.stdout.contains("KEY\n"), "{outcome}");
    let new = project.read(FILE);
    let seed = values(&new)["RANDOM_SEED"].clone();
    let added = format!("\n# Starts it.\n# Required; read by api.\n# At least 16 characters. A strong one: openssl rand -hex 16\nRANDOM_SEED={seed}\n");
    let limit = "\n# Optional; read by api. Expected: a whole number.\n# NEW_LIMIT=5\n";
    assert_eq!(new.replace(&added, "").replace(limit, ""), old, "nothing else changed");
    let (before, after) = new.split_once(&added).expect("it is there");
    assert!(before.lines().last().is_some_and(|line| line.starts_with("PIN_PHRASE=")), "{new}");
    assert!(after.starts_with("\n# Required; read by api.\n") && after.contains("\nSALT="), "{new}");
    assert!(new.contains(&format!("HOOK_URL=\n{limit}\n# Optional; read by api.\n# NOTE=nothing\n")), "{new}");
    // And what is removed stays: its owner may need it elsewhere.
    project.edit("profiles/prod.yaml", ", RANDOM_SEED: {}", "");
    project.run("env generate prod").status(0).out("nothing is missing");
    assert_eq!(project.read(FILE), new);
    project.run("env check prod").status(1).out("warning[unknown-variable]: this name is not known to the profile");
}

#[test]
fn a_required_variable_that_is_only_a_comment_is_missing() {
    let project = pair();
    let new = filled(&project, "# ONE=old\n# Why.\n#TWO=\n");
    keeps(&new, "# ONE=old\nONE=…\n# Why.\n#TWO=\nTWO=…\n");
    let new = filled(&project, "TWO=kept-2f9a7c1e5b3d8064\r\n# ONE=");
    keeps(&new, "TWO=kept-2f9a7c1e5b3d8064\r\n# ONE=\r\nONE=…\r\n");
    project.run("env check prod").status(1).out("carriage-return").out("1 warning\n");
}

/// Lines in a value may look like variables and like comments.
#[test]
fn nothing_is_put_into_a_value_of_several_lines() {
    let project = pair();
    for (text, name) in [
        ("MINE='a\n# ONE=x\n# b'\nTWO=kept-2f9a7c1e5b3d8064\n", "MINE"),
        ("TWO='kept-2f9a7c1e5b3d8064' MINE='a\nb'\n", "MINE"),
        ("MINE='a\nb' TWO='kept-2f9a7c1e5b3d8064'\n", "MINE"),
        ("MINE='a\n# b' TWO='kept-2f9a7c1e5b3d8064' YOURS='c\n\nd'\n", "YOURS"),
        ("MINE='a\n# b\n' \nTWO=kept-2f9a7c1e5b3d8064\n", "MINE"),
        ("TWO=\"kept-2f9a7c1e5b3d8064\n# x\n\"", "TWO"),
    ] {
        let before = values(text);
        let new = filled(&project, text);
        let after = values(&new);
        assert_eq!((&after["TWO"], &after[name]), (&before["TWO"], &before[name]), "{new}");
        assert_eq!(after["ONE"].len(), 32, "{new}");
    }
    let new = filled(&project, "\u{feff}# mine\nTWO=kept-2f9a7c1e5b3d8064\n");
    assert!(new.starts_with('\u{feff}') && new.matches('\u{feff}').count() == 1 && values(&new).len() == 2, "{new:?}");
}

/// Whatever is in a file: all that it sets stays as it is, the next run finds nothing to do, and nothing panics.
#[test]
fn no_value_of_any_file_changes() {
    let project = Project::empty();
    project.write("profiles/prod.yaml", text_of("tests/support/env.yaml"));
    let located = infragen::profile::Located { name: "prod".into(), file: project.path("profiles/prod.yaml"), root: project.path("") };
    let mut pipeline = infragen::pipeline::Pipeline::new(&project.path(""));
    let stack = pipeline.stack(&located).unwrap_or_else(|errors| panic!("{errors:?}"));
    let example = pipeline.env_example(&stack).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut dice = Dice(11);
    let good = generate(&stack, None, &example, &mut |buffer| dice.fill(buffer)).expect("bytes").text;
    let is_open = |value: &str| value.is_empty() || (value.starts_with('<') && value.ends_with('>'));
    let look = |text: &str, dice: &mut Dice| {
        if parse(text).problems.iter().any(|problem| problem.kind == ProblemKind::Unterminated) {
            return;
        }
        let new = generate(&stack, Some(text), &example, &mut |buffer| dice.fill(buffer)).expect("bytes");
        let (old, parsed) = (parse(text), parse(&new.text));
        let mut rest = parsed.assignments.iter();
        for one in &old.assignments {
            let kept =
                rest.by_ref().find(|new| new.name == one.name && (new.value == one.value || is_open(&one.value.replace(['\'', '"'], "")) || one.expands));
            assert!(kept.is_some(), "{} of {text:?} is lost in {:?}", one.name, new.text);
        }
        // A name at the end of the file is no longer at its end.
        let problems = |parsed: &Parsed| parsed.problems.iter().filter(|problem| problem.kind != ProblemKind::NameAtEnd).count();
        assert_eq!(problems(&old), problems(&parsed), "{text:?} became {:?}", new.text);
        // Every line that is no assignment is there, too, and in order.
        let mut lines = new.text.lines();
        for line in text.lines().filter(|line| line.starts_with('#')) {
            assert!(lines.any(|new| new == line), "{line:?} of {text:?} is lost in {:?}", new.text);
        }
        let again = generate(&stack, Some(&new.text), &example, &mut |buffer| dice.fill(buffer)).expect("bytes");
        assert_eq!(again.text, new.text, "{text:?}");
    };
    for _ in 0..300 {
        let text = mutated(&good, &mut dice);
        look(&text, &mut dice);
    }
    let pieces = [
        "KEY=",
        "TOKEN=",
        "\n",
        "\n",
        "# KEY=",
        "'",
        "\"",
        "\\",
        "<x>",
        "é",
        "\r\n",
        " #",
        "#",
        "$",
        "${",
        "SALT='a\n# KEY=x\n'",
        "=",
        " ",
        "\u{feff}",
        "\u{a0}",
    ];
    let dice = std::cell::RefCell::new(dice);
    runner(400)
        .run(&proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..12), |pieces| {
            look(&pieces.concat(), &mut dice.borrow_mut());
            Ok(())
        })
        .unwrap();
}
