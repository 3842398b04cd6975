//! nginx: one parameter of a directive. nginx has no way to write a `$` that is no variable.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;

/// One parameter, quoted if it has to be.
///
/// # Errors
/// Refuses `$`, control characters and a backslash, which nginx reads in more than one way.
pub fn parameter(text: &str) -> Result<Cow<'_, str>> {
    if let Some(plain) = plain(text, "/._~-+=:@%,[]*") {
        return Ok(plain);
    }
    if text.contains(|c: char| c == '$' || c == '\\' || c.is_control()) {
        return Err(refuse("nginx", text));
    }
    Ok(Cow::Owned(format!("\"{}\"", text.replace('"', "\\\""))))
}
