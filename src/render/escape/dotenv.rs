//! dotenv, as Docker Compose, shells and the usual libraries all read it.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;

/// What stands behind `=`: plain or in single quotes, which no reader looks into.
///
/// # Errors
/// Refuses control characters and single quotes: readers disagree on them.
pub fn value(text: &str) -> Result<Cow<'_, str>> {
    if text.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(plain) = plain(text, "/._-+=:@%,") {
        return Ok(plain);
    }
    if text.contains(|c: char| c == '\'' || c.is_control()) {
        return Err(refuse("an env file", text));
    }
    Ok(Cow::Owned(format!("'{text}'")))
}
