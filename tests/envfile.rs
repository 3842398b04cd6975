//! Env files of any text: nothing panics, places are what they say, and written values come back.

#[path = "support/readers/mod.rs"]
mod readers;
#[path = "support/texts.rs"]
mod texts;

use infragen::envfile::{Quote, is_plain, parse, quote};
use proptest::prelude::*;
use readers::{Reading, differences, python_dotenv, shell};
use texts::{Text, runner, text};

/// Pieces of which a random file has many.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "A", "B=", "C:", "export ", "=", "\n", "\r\n", " ", "\t", "#", " #", "'", "\"", "\\", "$", "${", "}", "$A", "${B:-", "${A?", "x", "é", "\0", "\u{feff}",
    "\\0101", "\\n", "\u{85}",
];

fn file() -> impl Strategy<Value = Text> {
    let pieces = proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| Text(pieces.concat()));
    let lines = proptest::collection::vec(text(), 0..4)
        .prop_map(|values| Text(values.into_iter().flat_map(|value| ["A=".to_owned(), value.0, "\n".to_owned()]).collect()));
    prop_oneof![3 => pieces, 1 => lines, 1 => text()]
}

#[test]
fn places_are_what_they_say() {
    runner(3000)
        .run(&file(), |Text(text)| {
            let parsed = parse(&text);
            let mut end = 0;
            for one in &parsed.assignments {
                let statement = &text[one.span.clone()];
                let written = &text[one.value_span.clone()];
                prop_assert!(one.span.start >= end, "statements follow each other");
                end = one.span.end;
                let named = if one.exported { statement["export".len()..].trim_start() } else { statement };
                prop_assert!(named.starts_with(&one.name), "{statement:?} starts with {:?}", one.name);
                let name_at = one.span.end - named.len();
                prop_assert_eq!(one.line, text[..name_at].matches('\n').count() + 1);
                prop_assert!(one.value_span.start >= name_at + one.name.len() && one.value_span.end <= one.span.end);
                prop_assert!(one.quote != Quote::None || written.trim_end() == written);
                match one.quote {
                    Quote::None => prop_assert!(!written.starts_with(['\'', '"']) && !written.contains('\n')),
                    Quote::Single => prop_assert!(written.len() > 1 && written.starts_with('\'') && statement.ends_with('\'')),
                    Quote::Double => prop_assert!(written.len() > 1 && written.starts_with('"') && statement.ends_with('"')),
                }
                prop_assert!(!one.expands || written.contains('$') || written.contains('\\'));
                prop_assert!(!one.inherited || (written.is_empty() && one.value.is_empty()));
                differences(one, &text);
            }
            for problem in &parsed.problems {
                prop_assert!(problem.line >= 1 && problem.line <= text.matches('\n').count() + 1);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn readers_take_any_text() {
    runner(3000)
        .run(&file(), |Text(text)| {
            shell(&text);
            python_dotenv(&text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn written_values_come_back() {
    let alike = std::cell::Cell::new(0);
    runner(3000)
        .run(&text(), |Text(value)| {
            prop_assume!(!value.contains('\0'));
            let text = format!("A={}\nB=x\n", quote(&value));
            let parsed = parse(&text);
            prop_assert!(parsed.is_readable_by_compose(), "{:?}", parsed.problems);
            prop_assert_eq!(parsed.values().into_iter().collect::<Vec<_>>(), [("A", value.as_str()), ("B", "x")]);
            let one = &parsed.assignments[0];
            prop_assert!(!one.expands);
            if differences(one, &text).is_empty() {
                let same = Reading::Sets { name: "A".into(), value: value.clone() };
                prop_assert_eq!(shell(&text[one.span.clone()]), same.clone());
                prop_assert_eq!(python_dotenv(&text[one.span.clone()]), same);
                alike.set(alike.get() + 1);
            } else {
                // The only reasons for which a value has no form that all read.
                let has_quote = value.contains('\'') || value.contains("\\\\");
                let is_alive = value.contains(['$', '`']);
                let control = value.contains(|c: char| c.is_ascii_control() && c != '\n' && c != '\t');
                let backslash = value.ends_with('\\') || value.contains("\\\"");
                prop_assert!(control || backslash || (has_quote && is_alive), "{:?}", text);
            }
            Ok(())
        })
        .unwrap();
    assert!(alike.get() > 1500, "only {} values are read by all", alike.get());
}

/// What the check calls plain is the same for Compose, shells and dotenv libraries.
#[test]
fn what_is_plain_is_read_alike() {
    let mut seen = 0;
    let check = |Text(text): Text, seen: &mut usize| {
        // Carriage returns have a finding of their own.
        let text = text.replace("\r\n", "\n");
        for one in &parse(&text).assignments {
            let has_dollar = one.quote != Quote::Single && text[one.value_span.clone()].contains('$');
            if is_plain(one, &text) && !has_dollar {
                assert!(differences(one, &text).is_empty(), "{:?} in {text:?}", &text[one.span.clone()]);
                *seen += 1;
            }
        }
    };
    let pieces = [
        "A=",
        "B_2=",
        "export C=",
        "'",
        "\"",
        "\\",
        "$",
        "`",
        " ",
        "\t",
        "#",
        " # ",
        "\n",
        "\r\n",
        "x",
        "é",
        "~",
        "&",
        "a b",
        "!",
        "*",
        "{a,b}",
        "'x y'",
        "\"x y\"",
    ];
    let lines = proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 1..14).prop_map(|pieces| Text(format!("A={}", pieces.concat())));
    let count = std::cell::RefCell::new(&mut seen);
    runner(4000)
        .run(&prop_oneof![file(), lines], |text| {
            check(text, &mut count.borrow_mut());
            Ok(())
        })
        .unwrap();
    assert!(seen > 300, "only {seen} lines were plain");
}
