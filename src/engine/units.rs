//! The units grammar: how lengths of time, shares and rates are written, everywhere.
//!
//! | value | written | kept as |
//! |---|---|---|
//! | length of time | `0s` `250us` `1.5ms` `20s` `5m` `1h` | [`Span`], nanoseconds |
//! | range of lengths | `150ms..300ms`, or one length | [`SpanRange`] |
//! | share | `0.002` (a number), `"0.2%"`, `"150ppm"` | [`Share`], parts per million |
//! | rate | `200/s` `1.5/ms` `30/m` | [`Rate`], events in 1,000 seconds |
//!
//! Decimal fractions are read digit by digit, so no value ever passes through a floating-point number. An error says
//! what was expected and shows an example: these texts reach people through the scenario file's diagnostics.

use super::time::{Span, SpanRange};
use std::fmt;
use std::str::FromStr;

/// Why a text is not a quantity, in a sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError(String);

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnitError {}

pub(super) fn error<T>(text: impl Into<String>) -> Result<T, UnitError> {
    Err(UnitError(text.into()))
}

/// A probability or share, in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(1_000_000);

    /// A share of `ppm` parts per million; more than a million counts as always.
    pub const fn from_ppm(ppm: u32) -> Self {
        Self(if ppm > 1_000_000 { 1_000_000 } else { ppm })
    }

    /// This share in parts per million.
    pub const fn as_ppm(self) -> u32 {
        self.0
    }
}

/// How often something happens: events in 1,000 seconds, so that `0.5/s` is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u64);

impl Rate {
    /// `count` events a second.
    pub const fn per_second(count: u64) -> Self {
        Self(count.saturating_mul(1_000))
    }

    /// The mean length of time between two events.
    pub fn interval(self) -> Span {
        1_000_000_000_000_u64.checked_div(self.0).map_or(Span::MAX, Span::from_nanos)
    }
}

/// Splits `1.5ms` into `1.5` and `ms`.
pub(super) fn split_unit(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// Reads a decimal number as a multiple of 1/`scale`, exactly; `None` when it is no number, too fine or too large.
pub(super) fn decimal(number: &str, scale: u64) -> Option<u64> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) {
        return None;
    }
    let mut value = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let mut unit = scale;
    for digit in fraction.chars() {
        let digit = u64::from(digit.to_digit(10)?);
        if !unit.is_multiple_of(10) && digit != 0 {
            return None;
        }
        unit /= 10;
        value = value.checked_add(digit * unit)?;
    }
    Some(value)
}

impl FromStr for Span {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let (number, unit) = split_unit(trimmed);
        if number.is_empty() && trimmed.starts_with('-') {
            return error(format!("`{trimmed}` is negative: a length of time is zero or more, such as \"150ms\""));
        }
        if number.is_empty() {
            return error(format!("`{trimmed}` is no length of time: expected a number and a unit, such as \"150ms\""));
        }
        let scale = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" | "min" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => {
                return error(format!("`{trimmed}` has no unit: write \"{number}ms\" or \"{number}s\""));
            }
            _ => {
                return error(format!("unknown unit `{unit}` in `{trimmed}`: expected one of ns, us, ms, s, m, h"));
            }
        };
        match decimal(number, scale) {
            Some(nanos) => Ok(Self::from_nanos(nanos)),
            None => error(format!("`{trimmed}` cannot be read as a whole number of nanoseconds up to 584 years")),
        }
    }
}

impl FromStr for SpanRange {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let Some((min, max)) = text.split_once("..") else {
            return text.parse().map(Self::exactly);
        };
        let max = max.strip_prefix('=').unwrap_or(max);
        let (min, max) = (min.parse::<Span>()?, max.parse::<Span>()?);
        if min > max {
            return error(format!("the range `{}` begins above its end: write \"{max}..{min}\"", text.trim()));
        }
        Ok(Self { min, max })
    }
}

impl FromStr for Share {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        if trimmed.starts_with('-') {
            return error(format!("`{trimmed}` is negative: a share lies between 0 and 1 (or 0% and 100%)"));
        }
        let (number, unit) = split_unit(trimmed);
        let scale = match unit {
            "" => 1_000_000,
            "%" => 10_000,
            "ppm" => 1,
            _ => {
                return error(format!(
                    "`{trimmed}` is no share: expected 0..1, \"0%\"..\"100%\" or parts such as \"150ppm\""
                ));
            }
        };
        match decimal(number, scale) {
            Some(ppm) if ppm <= 1_000_000 => Ok(Self(ppm as u32)),
            Some(_) => {
                error(format!("`{trimmed}` is more than the whole: a share lies between 0 and 1 (or 0% and 100%)"))
            }
            None => error(format!(
                "`{trimmed}` is no share: expected 0..1 with at most 6 decimals, such as 0.002 or \"0.2%\""
            )),
        }
    }
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let example = "expected a number and a unit, such as \"200/s\" or \"30/m\"";
        let (number, unit) = split_unit(trimmed);
        let (scale, divisor) = match unit {
            "/ms" => (1_000_000, 1),
            "/s" => (1_000, 1),
            "/m" | "/min" => (1_000, 60),
            "/h" => (1_000, 3_600),
            _ => return error(format!("`{trimmed}` is no rate: {example}")),
        };
        match decimal(number, scale).map(|count| count / divisor) {
            Some(0) => error(format!("the rate `{trimmed}` is too low: {example}")),
            Some(per_thousand_seconds) => Ok(Self(per_thousand_seconds)),
            None => error(format!("`{trimmed}` is no rate: {example}")),
        }
    }
}

/// A percentage: `0.2%`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{rest:04}").trim_end_matches('0'))
    }
}

/// Events a second: `200/s`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 {
            return write!(f, "{whole}/s");
        }
        write!(f, "{whole}.{}/s", format!("{rest:03}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back_the_same() {
        for text in ["0s", "250us", "1.5ms", "20s", "7ns", "90s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in ["150ms..300ms", "5ms"] {
            assert_eq!(text.parse::<SpanRange>().unwrap().to_string(), text);
        }
        assert_eq!("0.002".parse::<Share>().unwrap().to_string(), "0.2%");
        assert_eq!("0.5/s".parse::<Rate>().unwrap().interval(), Span::from_secs(2));
        assert_eq!("5m".parse::<Span>().unwrap(), Span::from_secs(300));
    }

    #[test]
    fn every_mistake_is_named_with_a_way_out() {
        let mistakes = ["150", "150 parsecs", "ms", "-3s", "1.s", "1.5ns", "99999999999h"];
        let said: Vec<String> = mistakes.iter().map(|text| text.parse::<Span>().unwrap_err().to_string()).collect();
        insta::assert_snapshot!(said.join("\n"), @r#"
        `150` has no unit: write "150ms" or "150s"
        unknown unit `parsecs` in `150 parsecs`: expected one of ns, us, ms, s, m, h
        `ms` is no length of time: expected a number and a unit, such as "150ms"
        `-3s` is negative: a length of time is zero or more, such as "150ms"
        `1.s` cannot be read as a whole number of nanoseconds up to 584 years
        `1.5ns` cannot be read as a whole number of nanoseconds up to 584 years
        `99999999999h` cannot be read as a whole number of nanoseconds up to 584 years
        "#);
    }

    #[test]
    fn ranges_and_shares_know_their_bounds() {
        assert!("300ms..150ms".parse::<SpanRange>().unwrap_err().to_string().contains("150ms..300ms"));
        assert!("1.5".parse::<Share>().is_err());
        assert!("101%".parse::<Share>().is_err());
        assert_eq!("100%".parse::<Share>().unwrap(), Share::ALWAYS);
    }
}
