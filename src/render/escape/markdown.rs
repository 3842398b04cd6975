//! Markdown: text in a paragraph.

use std::borrow::Cow;

/// Text that stays text: what Markdown or HTML would read is escaped, lines are joined.
pub fn text(text: &str) -> Cow<'_, str> {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '~' | '&' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}
