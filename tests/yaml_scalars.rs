//! What is written into YAML is the same text for every reader: of YAML 1.1, of YAML 1.2, and in any place of a document.

#[path = "support/in_process.rs"]
mod in_process;
mod support;
#[path = "support/texts.rs"]
mod texts;

use in_process::document;
use infragen::render::escape::yaml::{block, scalar};
use proptest::prelude::*;
use texts::{PIECES, Text, runner, text};

/// Texts that look like numbers, words or syntax.
fn ambiguous() -> impl Strategy<Value = Text> {
    let number = "[-+]{0,2}[0-9.]{0,3}[_:eExXoObBTZ.,/-]{0,2}[0-9a-fA-F]{0,3}[a-zA-Z]{0,2}";
    let word = "(y|n|yes|no|on|off|true|false|null|nan|inf|Y|No|ON|TRUE|Null|\\.inf|\\.NaN|~|=|<<)[ .:_-]{0,1}";
    let syntax = "[-?:,\\[\\]{}#&*!|>'\"%@` a]{1,6}";
    prop_oneof![3 => number.prop_map(Text), 2 => word.prop_map(Text), 2 => syntax.prop_map(Text), 2 => text(), 1 => proptest::sample::select(PIECES).prop_map(|piece| Text(piece.to_owned()))]
}

/// True if no reader takes an unquoted text for anything else. Stricter than any of them.
fn is_harmless(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let digits = text.trim_start_matches(['-', '+']);
    let looks_like_a_number =
        digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && digits.chars().all(|c| c.is_ascii_hexdigit() || "_.:xXoOTZ+- ".contains(c));
    let starts_as_syntax = text.starts_with(|c: char| "?:,[]{}#&*!|>'\"%@`=~<\u{feff}".contains(c))
        || text == "-"
        || text.starts_with("- ")
        || text.starts_with("---")
        || text.starts_with("...");
    let has_syntax = [": ", " #", "\n", "\r", "\t", ",", "[", "]", "{", "}"].iter().any(|syntax| text.contains(syntax)) || text.ends_with(':');
    let is_ascii = text.chars().all(|c| (' '..='~').contains(&c));
    !text.is_empty()
        && text.trim() == text
        && is_ascii
        && !words.contains(&text.to_ascii_lowercase().as_str())
        && !looks_like_a_number
        && !starts_as_syntax
        && !has_syntax
}

#[test]
fn plain_scalars_are_harmless_and_quoted_ones_come_back() {
    let result = runner(4000).run(&ambiguous(), |Text(text)| {
        let written = scalar(&text);
        let is_quoted = written.starts_with(['\'', '"']);
        prop_assert!(is_quoted || (written == text && is_harmless(&text)), "{:?} is written as {:?}", Text(text.clone()), Text(written.to_string()));
        prop_assert!(!written.contains('\n'), "a scalar stays on its line");
        for (place, pointer) in [
            (format!("k: {written}\n"), "/k"),
            (format!("- {written}\n"), "/0"),
            (format!("k: [a, {written}, b]\n"), "/k/1"),
            (format!("k: {{a: {written}, b: c}}\n"), "/k/a"),
        ] {
            let json = document(&place);
            prop_assert_eq!(json.pointer(pointer).and_then(serde_json::Value::as_str), Some(text.as_str()), "{:?}", Text(place));
        }
        // As a key, too: in a block, where it may be long, and not longer than YAML allows.
        if written.len() < 1000 {
            let json = document(&format!("{written}: v\n"));
            prop_assert_eq!(json.as_object().and_then(|map| map.keys().next()), Some(&text), "{:?}", Text(written.into_owned()));
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn blocks_come_back() {
    let lines = proptest::collection::vec(prop_oneof![2 => text().prop_map(|text| text.0), 2 => "[ a-z#:-]{0,8}", 1 => Just(String::new())], 1..5)
        .prop_map(|lines| Text(lines.join("\n")));
    let result = runner(2000).run(&(lines, 4..10_usize), |(Text(text), indent)| {
        let written = block(&text, indent);
        let place = format!("k:\n  - a\n  - {written}\n  - b\n");
        let json = document(&place);
        prop_assert_eq!(json.pointer("/k/1").and_then(serde_json::Value::as_str), Some(text.as_str()), "{:?}", Text(place));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
