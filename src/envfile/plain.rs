//! Lines that Compose, shells and dotenv libraries read alike.

use super::{Assignment, Quote};

/// True for a line in one of the forms that all readers take for the same assignment: `NAME=word`, `NAME='text'` or
/// `NAME="text"`, with or without `export` before it and a comment behind it.
///
/// Some other lines are read alike, too; a rule of a few words is worth more than all of them.
pub fn is_plain(assignment: &Assignment, text: &str) -> bool {
    let start = text[..assignment.span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[assignment.value_span.end..].find('\n').map_or(text.len(), |length| assignment.value_span.end + length);
    // A byte order mark is not the line's.
    let before = text[start..assignment.span.start].trim_start_matches('\u{feff}');
    let after = text[assignment.value_span.end..end].trim_end_matches('\r');
    let head = &text[assignment.span.start..assignment.value_span.start.max(assignment.span.start)];
    let head = head.strip_prefix("export ").map_or(head, |rest| rest.trim_start_matches([' ', '\t']));
    let value = &text[assignment.value_span.clone()];
    let is_blank = |text: &str| text.bytes().all(|b| matches!(b, b' ' | b'\t'));
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_comment = after.trim_start_matches(' ').starts_with('#') && after.starts_with(' ') && !value.is_empty();
    !assignment.inherited
        && is_blank(before)
        && head.strip_suffix('=').is_some_and(is_name)
        && (is_blank(after) || is_comment)
        && match assignment.quote {
            Quote::None => is_word(value, assignment.exported),
            Quote::Single => is_single(&value[1..value.len() - 1]),
            Quote::Double => is_double(&value[1..value.len() - 1]),
        }
}

/// Nothing in it means something to a shell. Behind `export`, patterns do.
fn is_word(value: &str, exported: bool) -> bool {
    !(exported && value.contains(['*', '?', '[', ']', '{', '}']))
        && value.bytes().all(|b| b.is_ascii_graphic() && !b"'\"\\$`;&|<>()~".contains(&b))
        && !value.starts_with('#')
}

/// Only Compose and libraries know a quote that is escaped, and they differ over two backslashes.
fn is_single(inner: &str) -> bool {
    !inner.contains(['\'', '\r']) && !inner.contains("\\\\") && !inner.ends_with('\\')
}

/// Escapes are read in more than one way.
fn is_double(inner: &str) -> bool {
    !inner.contains(['\\', '$', '`', '\r'])
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn all_plain(text: &str) -> bool {
        let parsed = parse(text);
        assert!(parsed.is_readable_by_compose(), "{text:?}");
        parsed.assignments.iter().all(|one| is_plain(one, text))
    }

    #[test]
    fn forms() {
        for text in
            ["A=", "A= ", "A=x", "A=x # note", "export A=x", "  A='a b $C' # note", "A=\"it's\"", "A='a\nb'", "A=a?b&c".replace('&', "+").as_str(), "A=x#y"]
        {
            assert!(all_plain(text), "{text:?}");
        }
        for text in
            ["A = x", "A: x", "A=a b", "A=~/x", "A=x\t# note", "A=é", "A.B=x", "A=a;b", "A", "A='it\\'s'", "A=\"a\\nb\"", "A=\"`b`\"", "A= # note", "A=x&y"]
        {
            assert!(!all_plain(&format!("{text}\n")), "{text:?}");
        }
    }
}
