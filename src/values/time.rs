//! Durations and rates.

use super::Scalar;
use super::names::shown;
use std::fmt;

/// A length of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    millis: u64,
}

const UNITS: &[(&str, u64)] = &[("ms", 1), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)];
const LONGEST: u64 = 10 * 365 * 86_400_000;

impl Duration {
    /// So many seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self { millis: seconds * 1000 }
    }

    /// As [`fmt::Display`], but with days, which nginx knows and Docker does not.
    pub fn in_days(self) -> String {
        if self.millis.is_multiple_of(86_400_000) { format!("{}d", self.millis / 86_400_000) } else { self.to_string() }
    }

    /// Seconds, rounded up: for tools that know no smaller unit.
    pub fn whole_seconds(self) -> u64 {
        self.millis.div_ceil(1000)
    }
}

impl Scalar for Duration {
    const FORMAT: &'static str = "duration";
    const EXPECTS: &'static str = "a duration with a unit (`ms`, `s`, `m`, `h`, `d`), such as `30s`";
    const PATTERN: &'static str = "^[0-9]{1,9}(ms|s|m|h|d)$";
    const EXAMPLES: &'static [&'static str] = &["30s", "5m", "1h", "500ms"];

    fn parse(text: &str) -> Result<Self, String> {
        for (unit, factor) in UNITS {
            let Some(number) = text.strip_suffix(unit) else { continue };
            if !(1..=9).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let number: u64 = number.parse().unwrap_or(0);
            return match number.saturating_mul(*factor) {
                0 => Err("it is zero".to_owned()),
                millis if millis <= LONGEST => Ok(Self { millis }),
                _ => Err("it is more than ten years".to_owned()),
            };
        }
        Err(shown(text))
    }
}

impl fmt::Display for Duration {
    /// The shortest notation that Docker and nginx both read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Docker knows no days, and people read 90s more easily than 1.5m.
        for (unit, factor) in [("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
            if self.millis.is_multiple_of(factor) {
                return write!(f, "{}{unit}", self.millis / factor);
            }
        }
        write!(f, "{}ms", self.millis)
    }
}

/// So many requests in a second or in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests in one unit.
    pub requests: u32,
    /// True for requests in a minute, false for requests in a second.
    pub per_minute: bool,
}

impl Scalar for Rate {
    const FORMAT: &'static str = "rate";
    const EXPECTS: &'static str = "requests in a second (`100/s`) or in a minute (`30/m`)";
    const PATTERN: &'static str = "^[0-9]{1,6}/[sm]$";
    const EXAMPLES: &'static [&'static str] = &["100/s", "30/m"];

    fn parse(text: &str) -> Result<Self, String> {
        let (requests, unit) = text.split_once('/').ok_or_else(|| shown(text))?;
        if !(1..=6).contains(&requests.len()) || !requests.bytes().all(|b| b.is_ascii_digit()) || !["s", "m"].contains(&unit) {
            return Err(shown(text));
        }
        let requests = requests.parse().unwrap_or(0);
        if requests == 0 {
            return Err("no request would pass".to_owned());
        }
        Ok(Self { requests, per_minute: unit == "m" })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, if self.per_minute { "m" } else { "s" })
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl From<jiff::civil::Date> for Date {
    fn from(date: jiff::civil::Date) -> Self {
        Self(date)
    }
}

impl Scalar for Date {
    const FORMAT: &'static str = "calendar-date";
    const EXPECTS: &'static str = "a day as year, month and day, such as `2027-01-31`";
    const PATTERN: &'static str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
    const EXAMPLES: &'static [&'static str] = &["2027-01-31"];

    fn parse(text: &str) -> Result<Self, String> {
        let written = text.len() == 10 && text.bytes().enumerate().all(|(at, b)| if [4, 7].contains(&at) { b == b'-' } else { b.is_ascii_digit() });
        if !written {
            return Err(shown(text));
        }
        text.parse().map(Self).map_err(|_| format!("there is no day `{text}`"))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(Duration::parse("60s"), Duration::parse("1m"));
        assert_eq!(Duration::parse("30d").map(|d| d.to_string()), Ok("720h".to_owned()));
        assert_eq!(Duration::parse("1500ms").map(|d| (d.to_string(), d.whole_seconds())), Ok(("1500ms".to_owned(), 2)));
        for wrong in ["", "30", "0s", "1.5s", "-1s", "30 s", "9999999d", "s"] {
            assert!(Duration::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(Date::parse("2028-02-29").map(|date| date.to_string()), Ok("2028-02-29".to_owned()));
        assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
        for wrong in ["", "2027-02-29", "2027-13-01", "27-01-01", "2027-1-1", "20270101", "2027-01-01T00:00", "tomorrow"] {
            assert!(Date::parse(wrong).is_err(), "{wrong}");
        }
    }
}
