//! Compose's own layer above YAML: `$` starts a variable, and `$$` is a dollar.

use serde::{Serialize, Serializer};

/// A string of a Compose file. Literal text and variables cannot be confused: each is made by its own function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(String);

impl Text {
    /// Exactly this text.
    pub fn literal(text: &str) -> Self {
        Self(text.replace('$', "$$"))
    }

    /// A value of any shape with exactly its texts.
    pub fn literal_in(value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(text) => Value::String(Self::literal(text).0),
            Value::Array(items) => items.iter().map(Self::literal_in).collect(),
            Value::Object(map) => Value::Object(map.iter().map(|(key, value)| (key.clone(), Self::literal_in(value))).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A variable of the env file, or `default` where it is not set.
    pub fn variable(name: &str, default: &str) -> Self {
        Self(format!("${{{name}:-{}}}", default.replace('$', "$$")))
    }

    /// A variable of the env file that must be set.
    pub fn required(name: &str, file: &str) -> Self {
        Self(format!("${{{name}:?set it in {file}}}"))
    }

    /// This text with `next` behind it.
    #[must_use]
    pub fn then(mut self, next: &Self) -> Self {
        self.0.push_str(&next.0);
        self
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
