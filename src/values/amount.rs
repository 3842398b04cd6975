//! Amounts as the engines read them, so that two notations of one amount are no difference.

use jiff::SignedDuration;

/// What a value amounts to, in the smallest unit of its kind.
#[derive(Debug, PartialEq, Eq)]
pub enum Amount {
    /// CPU or bytes, in billionths.
    Quantity(i128),
    /// Nanoseconds.
    Time(i128),
}

/// How a file writes amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Docker's: units are binary and have no case, `90s` is `1m30s`.
    Compose,
    /// Quantities of Kubernetes: `m` is a thousandth, `M` a million, `Mi` 2^20.
    Kubernetes,
}

const QUANTITIES: [&str; 9] = ["cpu", "cpus", "memory", "mem_limit", "shm_size", "size", "sizeLimit", "storage", "ephemeral-storage"];
const TIMES: [&str; 5] = ["interval", "timeout", "start_period", "start_interval", "stop_grace_period"];
const BILLION: i128 = 1_000_000_000;

/// The amount that the value of a key is; `None` if it is none.
pub fn of(key: &str, text: &str, notation: Notation) -> Option<Amount> {
    if QUANTITIES.contains(&key) {
        return quantity(text, notation).map(Amount::Quantity);
    }
    let is_time = notation == Notation::Compose && TIMES.contains(&key);
    is_time.then(|| text.parse::<SignedDuration>().ok().map(|time| Amount::Time(time.as_nanos())))?
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>, without exponents, and Docker's units.
fn quantity(text: &str, notation: Notation) -> Option<i128> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (whole, fraction) = text[..text.len() - unit.len()].split_once('.').unwrap_or((&text[..text.len() - unit.len()], ""));
    if whole.is_empty() || whole.len() > 15 || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let number = whole.parse::<i128>().ok()? * BILLION + format!("{fraction:0<9}").parse::<i128>().ok()?;
    let power = |letter: &str| ["", "k", "m", "g", "t", "p"].iter().position(|known| *known == letter).and_then(|at| u32::try_from(at).ok());
    match notation {
        Notation::Compose => Some(number << (10 * power(unit.to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i'))?)),
        Notation::Kubernetes => match unit {
            "n" => Some(number / BILLION),
            "u" => Some(number / 1_000_000),
            "m" => Some(number / 1000),
            "" | "k" | "M" | "G" | "T" | "P" => Some(number * 1000_i128.pow(power(&unit.to_ascii_lowercase())?)),
            "Ki" | "Mi" | "Gi" | "Ti" | "Pi" => Some(number << (10 * power(&unit[..1].to_ascii_lowercase())?)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_of_one_amount_are_equal() {
        for (notation, key, left, right) in [
            (Notation::Kubernetes, "cpu", "1000m", "1"),
            (Notation::Kubernetes, "cpu", "0.5", "500m"),
            (Notation::Kubernetes, "memory", "1Gi", "1024Mi"),
            (Notation::Kubernetes, "memory", "1.5Gi", "1536Mi"),
            (Notation::Kubernetes, "memory", "1G", "1000000000"),
            (Notation::Compose, "mem_limit", "512m", "512MB"),
            (Notation::Compose, "memory", "1g", "1024M"),
            (Notation::Compose, "cpus", "0.50", "0.5"),
            (Notation::Compose, "stop_grace_period", "1m30s", "90s"),
        ] {
            let (a, b) = (of(key, left, notation), of(key, right, notation));
            assert!(a.is_some() && a == b, "{left} {right}: {a:?} {b:?}");
        }
    }

    #[test]
    fn others_are_not() {
        for (notation, key, left, right) in [
            (Notation::Kubernetes, "memory", "1Gi", "1G"),
            (Notation::Kubernetes, "memory", "128m", "128Mi"),
            (Notation::Kubernetes, "cpu", "1", "10m"),
            (Notation::Compose, "interval", "5s", "5m"),
        ] {
            assert_ne!(of(key, left, notation), of(key, right, notation), "{left} {right}");
        }
        for (key, text) in [("name", "1"), ("memory", ""), ("memory", "much"), ("memory", "1.2.3Gi"), ("memory", "99999999999999999999Gi"), ("interval", "60s")]
        {
            assert_eq!(of(key, text, Notation::Kubernetes), None, "{key}: {text}");
        }
    }
}
