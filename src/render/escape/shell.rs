//! POSIX shell: one word.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;

/// One word, in single quotes if it has to be.
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
    Ok(Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))))
}
