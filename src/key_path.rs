//! Paths of keys, such as `services.api.replicas`: how messages, origins, `remove` and `explain` name a place in a profile.

use std::fmt;

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// A key of a map.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(index) => index.fmt(f),
        }
    }
}

/// A path from the root of a profile. Keys with characters of their own are quoted: `edge.hosts."api.example.com"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(pub Vec<Segment>);

impl KeyPath {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Key(key.into()));
        path
    }

    /// This path and one index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// A path of plain keys: `KeyPath::of(&["services", name])`.
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    /// The path above this one; the root is above itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// Reads what [`fmt::Display`] writes.
    ///
    /// # Errors
    /// Returns what is wrong with the text: an empty key or a quote that does not end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text;
        loop {
            let (key, after) = if let Some(quoted) = rest.strip_prefix('"') {
                let end = quoted.find('"').ok_or_else(|| format!("the quote in `{text}` does not end"))?;
                (&quoted[..end], &quoted[end + 1..])
            } else {
                rest.split_at(rest.find('.').unwrap_or(rest.len()))
            };
            if key.is_empty() {
                return Err(format!("`{text}` has an empty key"));
            }
            segments.push(Segment::Key(key.to_owned()));
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(Self(segments)),
                None => return Err(format!("`{text}` needs a dot after the quoted key")),
            }
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    if !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
                        f.write_str(key)?;
                    } else {
                        write!(f, "\"{}\"", key.escape_debug())?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_and_parse_agree() {
        for text in ["services.api.env.DEBUG", "edge.hosts.\"api.example.com\".routes.\"/\"", "x"] {
            assert_eq!(KeyPath::parse(text).expect(text).to_string(), text);
        }
        for text in ["", "a..b", "\"a", "\"a\"b", "a."] {
            assert!(KeyPath::parse(text).is_err(), "{text}");
        }
        assert_eq!(KeyPath::of(&["a"]).index(2).key("b").to_string(), "a[2].b");
    }
}
