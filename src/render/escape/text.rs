//! A file that the profile gives as a whole: nothing in it is syntax to infragen.

/// The text as it is.
pub fn whole(text: &str) -> &str {
    text
}
