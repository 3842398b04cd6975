//! Dockerfile: one word of an instruction, and the exec form of commands.

use super::{plain, refuse};
use std::borrow::Cow;
use std::io::Result;
use tera::Value;

/// One word. The types of a profile let nothing through that needs quotes here.
///
/// # Errors
/// Refuses everything that Docker could take for syntax.
pub fn word(text: &str) -> Result<Cow<'_, str>> {
    plain(text, "/._-+=:@,").ok_or_else(|| refuse("a Dockerfile", text))
}

/// The exec form: a JSON array of strings. Characters that would end the line or that a parser may drop are escaped.
pub fn exec(value: &Value) -> String {
    let words = value.as_array().map(|items| items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>());
    let quoted = words.unwrap_or_default().iter().map(|word| serde_json::Value::from(word.as_str()).to_string()).collect::<Vec<_>>();
    let mut text = String::new();
    for c in format!("[{}]", quoted.join(", ")).chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') {
            text.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            text.push(c);
        }
    }
    text
}
