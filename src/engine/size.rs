//! How much data: bytes, and bytes in a second. Prefixes are decimal (`KB` is 1,000 bytes), those with an `i` binary.

use super::time::Span;
use super::units::{UnitError, decimal, error, split_unit};
use std::fmt;
use std::str::FromStr;

/// The largest size and the fastest link that can be asked for: far beyond any real one, near enough that products
/// with nanoseconds fit.
const MOST: u64 = 1_000_000_000_000;

/// An amount of data, from 1 B to 1 TB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

/// An amount of data in a second, from 1 B/s to 1 TB/s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRate(u64);

impl Bytes {
    /// So many bytes, at least one and at most 1 TB.
    pub const fn new(count: u64) -> Self {
        Self(bounded(count))
    }

    /// The number of bytes.
    pub const fn count(self) -> u64 {
        self.0
    }
}

impl ByteRate {
    /// So many bytes a second, at least one and at most 1 TB.
    pub const fn per_second(count: u64) -> Self {
        Self(bounded(count))
    }

    /// How long `bytes` take at this rate, rounded up to a nanosecond.
    pub fn time_for(self, bytes: u64) -> Span {
        let nanos = (u128::from(bytes) * 1_000_000_000).div_ceil(u128::from(self.0));
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many whole bytes pass in `span`.
    pub fn bytes_in(self, span: Span) -> u64 {
        let bytes = u128::from(span.as_nanos()) * u128::from(self.0) / 1_000_000_000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

const fn bounded(count: u64) -> u64 {
    match count {
        0 => 1,
        MOST.. => MOST,
        count => count,
    }
}

/// The units, largest first.
const UNITS: [(&str, u64); 6] =
    [("GB", 1_000_000_000), ("GiB", 1 << 30), ("MB", 1_000_000), ("MiB", 1 << 20), ("KB", 1_000), ("KiB", 1 << 10)];

fn scale(unit: &str) -> Option<u64> {
    match unit {
        "B" => Some(1),
        "kB" => Some(1_000),
        "TB" => Some(MOST),
        _ => UNITS.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes),
    }
}

/// Reads a number of bytes; `suffix` is what must follow the unit.
fn read(text: &str, what: &str, suffix: &str, example: &str) -> Result<u64, UnitError> {
    let trimmed = text.trim();
    if trimmed.starts_with('-') {
        return error(format!("`{trimmed}` is negative: a {what} lies between 1B{suffix} and 1TB{suffix}"));
    }
    let (number, unit) = split_unit(trimmed);
    let Some(scale) = unit.strip_suffix(suffix).and_then(scale).filter(|_| !number.is_empty()) else {
        return error(format!("`{trimmed}` is no {what}: expected a number and a unit, such as \"{example}\""));
    };
    match decimal(number, scale) {
        Some(count @ 1..=MOST) => Ok(count),
        Some(_) => error(format!("`{trimmed}` is out of range: a {what} lies between 1B{suffix} and 1TB{suffix}")),
        None => error(format!("`{trimmed}` cannot be read as a whole number of bytes up to 1TB{suffix}")),
    }
}

impl FromStr for Bytes {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        read(text, "size", "", "64KB").map(Self)
    }
}

impl FromStr for ByteRate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        read(text, "bandwidth", "/s", "1MB/s").map(Self)
    }
}

/// In the largest unit that needs no fraction: `64KB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, bytes)| self.0.is_multiple_of(*bytes)) {
            Some((unit, bytes)) => write!(f, "{}{unit}", self.0 / bytes),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// As its size in a second: `1MB/s`.
impl fmt::Display for ByteRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", Bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_the_same() {
        for text in ["1B", "64KB", "64KiB", "1500B", "3MB", "1MiB", "2GB"] {
            assert_eq!(text.parse::<Bytes>().unwrap().to_string(), text);
            assert_eq!(format!("{text}/s").parse::<ByteRate>().unwrap().to_string(), format!("{text}/s"));
        }
        assert_eq!("1.5KB".parse::<Bytes>().unwrap(), Bytes::new(1_500));
    }

    #[test]
    fn time_and_bytes_agree() {
        let rate = ByteRate::per_second(1_000_000);
        assert_eq!(rate.time_for(64), Span::from_micros(64));
        assert_eq!(rate.bytes_in(Span::from_micros(64)), 64);
        assert_eq!(ByteRate::per_second(3).time_for(1), Span::from_nanos(333_333_334));
    }

    #[test]
    fn every_mistake_is_named_with_the_range_or_a_way_out() {
        let size = |text: &str| text.parse::<Bytes>().unwrap_err().to_string();
        let rate = |text: &str| text.parse::<ByteRate>().unwrap_err().to_string();
        let said = [size("64"), size("0B"), size("2TB"), size("-1KB"), rate("1MB"), rate("0MB/s"), rate("fast")];
        insta::assert_snapshot!(said.join("\n"), @r#"
        `64` is no size: expected a number and a unit, such as "64KB"
        `0B` is out of range: a size lies between 1B and 1TB
        `2TB` is out of range: a size lies between 1B and 1TB
        `-1KB` is negative: a size lies between 1B and 1TB
        `1MB` is no bandwidth: expected a number and a unit, such as "1MB/s"
        `0MB/s` is out of range: a bandwidth lies between 1B/s and 1TB/s
        `fast` is no bandwidth: expected a number and a unit, such as "1MB/s"
        "#);
    }
}
