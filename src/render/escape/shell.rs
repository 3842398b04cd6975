//! Bash: one word.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;

/// One word, in single quotes if it has to be. What editors and checkouts change in a line, carriage returns and blanks at its end, is
/// written as escape sequences.
///
/// # Errors
/// Refuses a NUL character.
pub fn word(text: &str) -> Result<Cow<'_, str>> {
    if let Some(plain) = plain(text, "/._-+=:@%,") {
        return Ok(plain);
    }
    if text.contains('\0') {
        return Err(refuse("a shell", text));
    }
    if text.contains('\r') || text.contains(" \n") || text.contains("\t\n") {
        let escaped = text.replace('\\', r"\\").replace('\'', r"\'").replace('\r', r"\r").replace('\n', r"\n").replace('\t', r"\t");
        return Ok(Cow::Owned(format!("$'{escaped}'")));
    }
    Ok(Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))))
}
