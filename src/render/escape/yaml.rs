//! YAML 1.1 and 1.2: a scalar that every reader takes for the same text.

use std::borrow::Cow;
use std::fmt::Write;
use tera::Value;

/// Words that some reader takes for a boolean or for nothing, in lower case.
const WORDS: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"];

/// One scalar: plain where no reader can take it for anything else, quoted otherwise.
pub fn scalar(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        Cow::Borrowed(text)
    } else if text.chars().all(is_printable) {
        // Text with single quotes reads better in double ones, where they need no escape.
        let double = text.contains('\'') && !text.contains(['"', '\\']);
        Cow::Owned(if double { format!("\"{text}\"") } else { format!("'{}'", text.replace('\'', "''")) })
    } else {
        Cow::Owned(double_quoted(text))
    }
}

/// Quantities and options: no reader takes them for a number or for syntax.
fn is_quantity_or_option(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if unit.len() < text.len() {
        return matches!(unit, "ms" | "s" | "m" | "h" | "k" | "g" | "Ki" | "Mi" | "Gi" | "Ti");
    }
    let word = text.trim_start_matches('-');
    word.len() < text.len() && word.starts_with(|c: char| c.is_ascii_alphabetic()) && is_plain(word)
}

fn is_plain(text: &str) -> bool {
    if is_quantity_or_option(text) {
        return true;
    }
    // Anything that starts like a number may be one: 0042, 1e3, 22:22, 1_000, .5, 2001-01-01.
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/_".contains(c)) || text.starts_with("./") || text.starts_with("../");
    let means_nothing = text.chars().all(|c| c.is_ascii_alphanumeric() || " _-./=+@,()".contains(c) || c == ':' || c == '$' || c == '{' || c == '}');
    // Commas and braces are syntax inside a flow collection; a colon at the end or before a space makes a key.
    let is_safe_inside = !text.contains([',', '{', '}']) && !text.contains(": ") && !text.ends_with(':') && !text.contains(" #");
    starts_well && means_nothing && is_safe_inside && !text.ends_with(' ') && !text.contains("  ") && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Characters that a single-quoted scalar holds as they are, on one line.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if is_printable(c) => quoted.push(c),
            c if (c as u32) < 0x100 => drop(write!(quoted, "\\x{:02X}", c as u32)),
            c => drop(write!(quoted, "\\u{:04X}", c as u32)),
        }
    }
    quoted.push('"');
    quoted
}

/// Text of several lines as a literal block whose lines are indented by `indent` spaces; anything else as [`scalar`].
pub fn block(text: &str, indent: usize) -> String {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let readable = body.split('\n').all(|line| !line.ends_with(' ') && line.chars().all(is_printable)) && !body.ends_with('\n');
    if !body.contains('\n') || !readable || body.starts_with([' ', '\n']) {
        return scalar(text).into_owned();
    }
    let mut block = String::from(if body.len() < text.len() { "|" } else { "|-" });
    for line in body.lines() {
        block.push('\n');
        if !line.is_empty() {
            block.extend(std::iter::repeat_n(' ', indent));
            block.push_str(line);
        }
    }
    block
}

/// A map or a list on lines of its own, each behind `indent` spaces: what stands below a key.
pub fn tree(value: &Value, indent: usize) -> String {
    let mut lines = String::new();
    let start = format!("\n{}", " ".repeat(indent));
    for (key, child) in value.as_map().into_iter().flatten() {
        let _ = write!(lines, "{start}{}:{}", scalar(&key.to_string()), below(child, indent + 2));
    }
    for item in value.as_array().into_iter().flatten() {
        // The first key of a map stands beside the dash.
        let _ = write!(lines, "{start}- {}", below(item, indent + 2).trim_start());
    }
    lines
}

fn below(value: &Value, indent: usize) -> String {
    let has_lines = value.as_map().is_some_and(|map| !map.is_empty()) || value.as_array().is_some_and(|items| !items.is_empty());
    if has_lines { tree(value, indent) } else { format!(" {}", flow(value)) }
}

/// A value of any shape on one line.
pub fn flow(value: &Value) -> String {
    if let Some(items) = value.as_array() {
        return format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "));
    }
    if let Some(map) = value.as_map() {
        let entries: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", scalar(&key.to_string()), flow(value))).collect();
        return format!("{{{}}}", entries.join(", "));
    }
    match value.as_str() {
        Some(text) => scalar(text).into_owned(),
        None => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_something_else_is_quoted() {
        for text in [
            "no", "On", "NULL", "~", "22:22", "0042", "1e3", "1_000", "", " a", "a ", "a: b", "a #b", "- a", "*a", "&a", "!a", "%a", "@a", "`a", "a, b", "{a}",
            "key:", "'", "-", "--", "-1", "1d", "-.inf", "0x1F", "3", "-x: y", "...", "---",
        ] {
            assert!(scalar(text).starts_with(['\'', '"']), "{text}: {}", scalar(text));
        }
        for text in ["INFO", "python", "src.api.app:app", "/run/secrets/A_B", "registry.example.com/acme/api", "a b", "10s", "512Mi", "--reload", "-c", "../.."]
        {
            assert_eq!(scalar(text), text);
        }
        assert_eq!(scalar("a\nb\u{1b}\u{85}\u{feff}"), "\"a\\nb\\x1B\\x85\\uFEFF\"");
        assert_eq!(scalar("it's"), "\"it's\"");
        assert_eq!(scalar("\"it's\""), "'\"it''s\"'");
        assert_eq!(block("a\n\n  b\n", 2), "|\n  a\n\n    b");
        assert_eq!(block("a\nb", 1), "|-\n a\n b");
        for odd in ["a\n\n", " a\nb", "a \nb", "a\r\nb", "a\tb"] {
            assert_eq!(block(odd, 2), scalar(odd), "{odd:?}");
        }
    }
}
