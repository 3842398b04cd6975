//! One escaper for each syntax. What a syntax cannot hold is an error, never a broken file.

pub mod dockerfile;
pub mod dotenv;
pub mod ignore;
pub mod markdown;
pub mod nginx;
pub mod shell;
pub mod text;
pub mod yaml;

use std::borrow::Cow;
use std::io::{Error, ErrorKind, Result, Write};

/// Writes what was escaped.
///
/// # Errors
/// As the writer.
pub fn write(text: impl AsRef<str>, out: &mut dyn Write) -> Result<()> {
    out.write_all(text.as_ref().as_bytes())
}

/// A value that a syntax cannot hold.
fn refuse(syntax: &str, text: &str) -> Error {
    let short: String = text.chars().take(40).collect();
    Error::new(ErrorKind::InvalidData, format!("{syntax} cannot hold `{}`", short.escape_debug()))
}

/// Text in a comment: control characters become spaces, so that it stays on its line.
pub fn comment(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    text.trim_end().to_owned()
}

/// The text itself if all its characters mean nothing in the syntax.
fn plain<'a>(text: &'a str, more: &str) -> Option<Cow<'a, str>> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    is_plain.then_some(Cow::Borrowed(text))
}
