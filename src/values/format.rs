//! Formats of values in an env file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the value of a variable has to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueFormat {
    /// Any text.
    Text,
    /// `SCHEME://HOST`, with or without a user, a port and a path.
    Url,
    /// A whole number from 1 to 65535.
    Port,
    /// `true`, `false`, `1`, `0`, `yes`, `no`, `on` or `off`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with a unit (`ms`, `s`, `m`, `h`, `d`).
    Duration,
    /// An e-mail address.
    Email,
    /// A number from 0 to 1, such as `0.25`.
    Fraction,
    /// A tag of an image: letters, digits, `.`, `_` and `-`, 128 at most.
    Tag,
    /// Hexadecimal digits, two for each byte.
    Hex,
    /// Bytes in base64, padded.
    Base64,
}

impl ValueFormat {
    /// All of them.
    pub const ALL: [Self; 11] =
        [Self::Text, Self::Url, Self::Port, Self::Boolean, Self::Integer, Self::Duration, Self::Email, Self::Fraction, Self::Tag, Self::Hex, Self::Base64];

    /// The word in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Port => "port",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Duration => "duration",
            Self::Email => "email",
            Self::Fraction => "fraction",
            Self::Tag => "tag",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }

    /// What is expected, for people: the end of the sentence "expected ...".
    pub fn expects(self) -> &'static str {
        match self {
            Self::Text => "any text",
            Self::Url => "a URL such as https://example.com",
            Self::Port => "a port from 1 to 65535",
            Self::Boolean => "true, false, 1, 0, yes, no, on or off",
            Self::Integer => "a whole number",
            Self::Duration => "a number with a unit (ms, s, m, h, d), such as 30s",
            Self::Email => "an e-mail address",
            Self::Fraction => "a number from 0 to 1, such as 0.25",
            Self::Tag => "a tag of an image: letters, digits, dots, dashes and underscores",
            Self::Hex => "hexadecimal digits, two for each byte",
            Self::Base64 => "base64: letters, digits, + and /, in groups of four, the last one filled up with =",
        }
    }

    /// True if the text has the format. The rules are simple, because `scripts/validate_config.sh` has the same ones.
    pub fn accepts(self, text: &str) -> bool {
        let digits = |text: &str, longest: usize| (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Self::Text => true,
            Self::Url => is_url(text),
            Self::Port => digits(text, 5) && !text.starts_with('0') && text.parse::<u32>().is_ok_and(|port| port <= 65535),
            Self::Boolean => ["true", "false", "1", "0", "yes", "no", "on", "off"].contains(&text.to_ascii_lowercase().as_str()),
            Self::Integer => digits(text.strip_prefix('-').unwrap_or(text), 18),
            Self::Duration => ["ms", "s", "m", "h", "d"].iter().any(|unit| text.strip_suffix(unit).is_some_and(|number| digits(number, 9))),
            Self::Email => is_email(text),
            Self::Fraction => match text.split_once('.') {
                None => text == "0" || text == "1",
                Some(("0", behind)) => digits(behind, 9),
                Some((_, behind)) => text.starts_with("1.") && digits(behind, 9) && behind.bytes().all(|b| b == b'0'),
            },
            Self::Hex => !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit()),
            Self::Base64 => {
                let digits = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
                !text.is_empty() && text.len().is_multiple_of(4) && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
            }
            Self::Tag => {
                (1..=128).contains(&text.len()) && !text.starts_with(['.', '-']) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            }
        }
    }
}

/// All that the value of a variable is held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// What it looks like.
    pub format: ValueFormat,
    /// The values that it may have; any, if there is none.
    pub one_of: Vec<String>,
    /// Least value of a whole number.
    pub min: Option<i64>,
    /// Largest value of a whole number.
    pub max: Option<i64>,
}

impl From<ValueFormat> for Expectation {
    fn from(format: ValueFormat) -> Self {
        Self { format, one_of: Vec::new(), min: None, max: None }
    }
}

impl Expectation {
    /// True if nothing has to be said about it: any text will do.
    pub fn is_any(&self) -> bool {
        *self == Self::from(ValueFormat::Text)
    }

    /// True if there is more to it than its format.
    pub fn is_narrow(&self) -> bool {
        *self != Self::from(self.format)
    }

    /// What is expected, for people: the end of the sentence "expected ...".
    pub fn expects(&self) -> String {
        match (self.one_of.as_slice(), self.min, self.max) {
            ([only], ..) => only.clone(),
            ([first @ .., last], ..) => format!("{} or {last}", first.join(", ")),
            ([], Some(min), Some(max)) => format!("a whole number from {min} to {max}"),
            ([], Some(min), None) => format!("a whole number, {min} or more"),
            ([], None, Some(max)) => format!("a whole number, {max} or less"),
            ([], None, None) => self.format.expects().to_owned(),
        }
    }

    /// True if the text is what is expected.
    pub fn accepts(&self, text: &str) -> bool {
        let is_choice = self.one_of.is_empty() || self.one_of.iter().any(|choice| choice == text);
        let is_within = (self.min.is_none() && self.max.is_none())
            || text.parse().is_ok_and(|number: i64| self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max));
        self.format.accepts(text) && is_choice && is_within
    }
}

/// `SCHEME://[USER@]HOST[:PORT][/...]` without white space.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host, "1"),
    };
    let is_name = |host: &str| !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    let is_address = |host: &str| host.len() > 2 && host.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b));
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b))
        && (inner.is_some_and(is_address) || is_name(host))
        && (1..=5).contains(&port.len())
        && port.bytes().all(|b| b.is_ascii_digit())
        && !text.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_control())
}

fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    let label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    !user.is_empty()
        && user.bytes().all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_{|}~-".contains(&b))
        && host.contains('.')
        && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::Expectation;
    use super::ValueFormat::{Base64, Boolean, Duration, Email, Fraction, Hex, Integer, Port, Tag, Text, Url};

    #[test]
    fn formats_take_what_they_say() {
        for (format, good, bad) in [
            (Text, vec!["", "anything at all"], vec![]),
            (
                Url,
                vec!["https://example.com", "redis://:p%40@cache:6379/0", "a+b://[::1]:80/x?y#z", "http://u:p@h", "postgresql://a:b@db.example.com/x"],
                vec!["", "example.com", "https://", "https://user@", "https://:80", "https://a b", "1a://b", "https://h:", "https://h:123456", "://h"],
            ),
            (Port, vec!["1", "80", "65535"], vec!["", "0", "080", "65536", "-1", "8 0", "http"]),
            (Boolean, vec!["true", "FALSE", "1", "0", "Yes", "off"], vec!["", "2", "enabled", "t"]),
            (Integer, vec!["0", "-7", "0042"], vec!["", "-", "1.5", "1e3", "+1", "1234567890123456789"]),
            (Duration, vec!["30s", "500ms", "1d"], vec!["", "30", "s", "1.5s", "1w"]),
            (Fraction, vec!["0", "1", "0.25", "1.0", "0.0"], vec!["", ".5", "1.5", "-0", "1.01", "0.", "0,5", "01", "0.1234567890"]),
            (Hex, vec!["00", "0aF9"], vec!["", "0", "0g", "0x00", "00 "]),
            (Base64, vec!["AAAA", "AA+/", "AAA=", "AA=="], vec!["", "A", "AAAAA", "AA-_", "A===", "=AAA", "AA=A", "AAAA AAA"]),
            (Tag, vec!["1.4.0", "_x", "v2-rc.1"], vec!["", "a b", "-x", ".x", "a/b", "a:b", "é"]),
            (Email, vec!["a@example.com", "a.b+c@mail.example.co.uk"], vec!["", "a", "a@b", "@example.com", "a b@example.com", "a@@example.com", "a@.com"]),
        ] {
            for text in good {
                assert!(format.accepts(text), "{format:?} refuses {text:?}");
            }
            for text in bad {
                assert!(!format.accepts(text), "{format:?} takes {text:?}");
            }
        }
    }

    #[test]
    fn choices_and_ranges_narrow_a_format() {
        let levels = Expectation { one_of: ["INFO", "DEBUG", "OFF"].map(str::to_owned).to_vec(), ..Text.into() };
        assert_eq!(levels.expects(), "INFO, DEBUG or OFF");
        assert!(levels.accepts("DEBUG") && !levels.accepts("debug") && !levels.accepts("banana") && !levels.accepts(""));
        let range = |min, max| Expectation { min, max, ..Integer.into() };
        for (range, expects, good, bad) in [
            (range(Some(1), None), "a whole number, 1 or more", ["1", "0042"], ["0", "-5"]),
            (range(None, Some(9)), "a whole number, 9 or less", ["9", "-10"], ["10", "x"]),
            (range(Some(-2), Some(8)), "a whole number from -2 to 8", ["-2", "08"], ["-3", "9"]),
        ] {
            assert_eq!(range.expects(), expects);
            assert!(good.iter().all(|text| range.accepts(text)) && !bad.iter().any(|text| range.accepts(text)), "{expects}");
        }
        assert!(Expectation::from(Text).is_any() && !Expectation::from(Port).is_any() && !levels.is_any());
        assert!(levels.is_narrow() && !Expectation::from(Port).is_narrow());
    }
}
