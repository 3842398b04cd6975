//! `.dockerignore` and `.gitignore`: one path of a pattern.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;

/// One path. The types of a profile let no character through that a pattern gives a meaning.
///
/// # Errors
/// Refuses everything else.
pub fn pattern(text: &str) -> Result<Cow<'_, str>> {
    plain(text, "/._-+@").ok_or_else(|| refuse("a list of patterns", text))
}
