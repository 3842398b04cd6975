//! CPU and sizes of memory, volumes and bodies.

use super::names::shown;
use super::{BareNumber, Scalar};
use std::fmt;

/// CPU time, in thousandths of a core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu {
    millis: u32,
}

impl Cpu {
    /// So many thousandths of a core.
    pub const fn millis(millis: u32) -> Self {
        Self { millis }
    }

    /// Thousandths of a core.
    pub fn as_millis(self) -> u32 {
        self.millis
    }

    /// Kubernetes' shortest notation: `2`, `500m`.
    pub fn kubernetes(self) -> String {
        if self.millis.is_multiple_of(1000) { (self.millis / 1000).to_string() } else { format!("{}m", self.millis) }
    }

    /// Docker's notation: a decimal number of cores.
    pub fn cores(self) -> String {
        let text = format!("{}.{:03}", self.millis / 1000, self.millis % 1000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

impl Scalar for Cpu {
    const FORMAT: &'static str = "cpu";
    const EXPECTS: &'static str = "CPU cores (`2`, `0.5`) or thousandths of a core (`500m`), up to 1024 cores";
    const PATTERN: &'static str = r"^[0-9]{1,7}(m|\.[0-9]{1,3})?$";
    const EXAMPLES: &'static [&'static str] = &["500m", "2", "0.5"];
    const NUMBER: Option<BareNumber> = Some(BareNumber { whole: false, least: 0.001, most: 1024.0 });

    fn parse(text: &str) -> Result<Self, String> {
        let digits = |part: &str, longest| (1..=longest).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let millis = if let Some(millis) = text.strip_suffix('m') {
            if !digits(millis, 7) {
                return Err(shown(text));
            }
            millis.parse().unwrap_or(0)
        } else {
            let (cores, fraction) = text.split_once('.').unwrap_or((text, "0"));
            if !digits(cores, 7) || !digits(fraction, 3) {
                return Err(shown(text));
            }
            let cores: u32 = cores.parse().unwrap_or(0);
            cores.saturating_mul(1000).saturating_add(format!("{fraction:0<3}").parse().unwrap_or(0))
        };
        match millis {
            0 => Err("nothing can run with no CPU".to_owned()),
            1..=1_024_000 => Ok(Self { millis }),
            _ => Err(format!("{} cores are more than 1024", millis / 1000)),
        }
    }
}

/// An amount of data, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    bytes: u64,
}

const UNITS: &[(&str, u64)] = &[("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10), ("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)];

impl Size {
    /// So many MiB.
    pub const fn mib(mib: u64) -> Self {
        Self { bytes: mib << 20 }
    }

    /// Bytes.
    pub fn bytes(self) -> u64 {
        self.bytes
    }

    /// Whole MiB, rounded down.
    pub const fn whole_mib(self) -> u64 {
        self.bytes >> 20
    }

    fn shortest(self, units: &[(&str, u64)]) -> String {
        for (unit, factor) in units {
            if self.bytes.is_multiple_of(*factor) {
                return format!("{}{unit}", self.bytes / factor);
            }
        }
        self.bytes.to_string()
    }

    /// Kubernetes' notation: `4Gi`.
    pub fn kubernetes(self) -> String {
        self.shortest(&UNITS[..4])
    }

    /// Docker's and nginx's notation: `4g`, `50m`. All three count in binary.
    pub fn lower_case(self) -> String {
        self.shortest(&UNITS[4..])
    }
}

impl Scalar for Size {
    const FORMAT: &'static str = "size";
    const EXPECTS: &'static str = "a size with a binary unit (`Ki`, `Mi`, `Gi`, `Ti`, or Docker's `k`, `m`, `g`), such as `512Mi`";
    const PATTERN: &'static str = "^[0-9]{1,9}([KMGT]i|[kmg])$";
    const EXAMPLES: &'static [&'static str] = &["512Mi", "4Gi", "50m"];

    fn parse(text: &str) -> Result<Self, String> {
        for (unit, factor) in UNITS {
            let Some(number) = text.strip_suffix(unit) else { continue };
            if !(1..=9).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
                break;
            }
            let number: u64 = number.parse().unwrap_or(0);
            if number == 0 {
                return Err("it is zero".to_owned());
            }
            return match number.checked_mul(*factor) {
                Some(bytes) if bytes <= 1 << 50 => Ok(Self { bytes }),
                _ => Err("it is more than 1024 Ti".to_owned()),
            };
        }
        Err(shown(text))
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kubernetes())
    }
}

impl fmt::Display for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Count(count) => count.fmt(f),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kubernetes())
    }
}

/// Number of worker processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// As many as the container's CPUs.
    Auto,
    /// So many.
    Count(u32),
}

impl Scalar for Workers {
    const FORMAT: &'static str = "workers";
    const EXPECTS: &'static str = "`auto` or a number of workers from 1 to 999";
    const PATTERN: &'static str = "^(auto|[1-9][0-9]{0,2})$";
    const EXAMPLES: &'static [&'static str] = &["auto", "4"];
    const NUMBER: Option<BareNumber> = Some(BareNumber { whole: true, least: 1.0, most: 999.0 });

    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        match text.parse() {
            _ if text == "auto" => Ok(Self::Auto),
            Ok(count @ 1..=999) if digits => Ok(Self::Count(count)),
            _ => Err(shown(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_quantities_are_equal() {
        let cpu = |text| Cpu::parse(text).expect(text);
        assert_eq!(cpu("1000m"), cpu("1"));
        assert_eq!(cpu("0.5"), cpu("500m"));
        assert_eq!((cpu("1.25").cores(), cpu("2").cores(), cpu("1250m").kubernetes()), ("1.25".into(), "2".into(), "1250m".into()));
        let size = |text| Size::parse(text).expect(text);
        assert_eq!(size("1024Mi"), size("1Gi"));
        assert_eq!(size("50m").lower_case(), "50m");
        assert_eq!(size("2048Mi").kubernetes(), "2Gi");
        for wrong in ["", "4", "4GB", "4G", "1.5Gi", "0Mi", "-1Mi", "9999999Ti"] {
            assert!(Size::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "0", "0m", "1.", ".5", "1e3", "2000", "-1", "1.2345", "9999999"] {
            assert!(Cpu::parse(wrong).is_err(), "{wrong}");
        }
    }
}
