//! Quantities with a sign: how far a clock is off, and how wrong it runs.
//!
//! | value | written | kept as |
//! |---|---|---|
//! | signed length of time | `50ms` `+50ms` `-2s` | [`SignedSpan`], nanoseconds |
//! | drift | `200ppm` `-200ppm` `10%` `-10%` | [`Drift`], parts per million |

use super::time::Span;
use super::units::{UnitError, decimal, error, split_unit};
use std::fmt;
use std::str::FromStr;

/// A length of time forwards or backwards, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedSpan(i64);

impl SignedSpan {
    /// Neither forwards nor backwards.
    pub const ZERO: Self = Self(0);
    /// The longest way that a clock may be set at once: an hour.
    pub const LONGEST: Span = Span::from_secs(3_600);

    /// `span` forwards.
    pub const fn forwards(span: Span) -> Self {
        let nanos = span.as_nanos();
        Self(if nanos > i64::MAX as u64 { i64::MAX } else { nanos as i64 })
    }

    /// `span` backwards.
    pub const fn backwards(span: Span) -> Self {
        Self(-Self::forwards(span).0)
    }

    /// Nanoseconds forwards; negative backwards.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whether this is no way at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The same way back.
    pub const fn back(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// How far back this goes; zero if it goes forwards.
    pub const fn behind(self) -> Span {
        Span::from_nanos(if self.0 < 0 { self.0.unsigned_abs() } else { 0 })
    }
}

/// How wrong a clock runs, in parts per million of true time: negative is slow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Drift(i32);

impl Drift {
    /// A clock that runs right.
    pub const NONE: Self = Self(0);
    /// The slowest clock: half as fast as it should be.
    pub const SLOWEST: Self = Self(-500_000);
    /// The fastest clock: twice as fast as it should be.
    pub const FASTEST: Self = Self(1_000_000);

    /// A drift of `ppm` parts per million, or the next one that a clock may have.
    pub const fn from_ppm(ppm: i32) -> Self {
        if ppm < Self::SLOWEST.0 {
            Self::SLOWEST
        } else if ppm > Self::FASTEST.0 {
            Self::FASTEST
        } else {
            Self(ppm)
        }
    }

    /// This drift in parts per million.
    pub const fn as_ppm(self) -> i32 {
        self.0
    }
}

/// Splits the sign off; true is backwards.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    }
}

impl FromStr for SignedSpan {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (back, rest) = sign(text.trim());
        let span = rest.parse::<Span>()?;
        if span > Self::LONGEST {
            return error(format!("`{}` is too far: a clock may be set by -1h to +1h", text.trim()));
        }
        Ok(if back { Self::backwards(span) } else { Self::forwards(span) })
    }
}

impl FromStr for Drift {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let trimmed = text.trim();
        let (slow, rest) = sign(trimmed);
        let (number, unit) = split_unit(rest);
        let scale = match unit {
            "ppm" => 1,
            "%" => 10_000,
            _ => return error(format!("`{trimmed}` is no drift: expected such as \"200ppm\", \"-200ppm\" or \"10%\"")),
        };
        let signed = decimal(number, scale).map(|ppm| if slow { -i128::from(ppm) } else { i128::from(ppm) });
        match signed {
            None => error(format!("`{trimmed}` is no drift: expected whole parts per million, such as \"200ppm\"")),
            Some(ppm) => match i32::try_from(ppm).ok().filter(|ppm| Self::from_ppm(*ppm).0 == *ppm) {
                Some(ppm) => Ok(Self(ppm)),
                None => error(format!(
                    "`{trimmed}` is too much: a drift lies between {} and {}",
                    Self::SLOWEST,
                    Self::FASTEST
                )),
            },
        }
    }
}

/// With its sign: `+50ms`, `-2s`.
impl fmt::Display for SignedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.0 < 0 { '-' } else { '+' }, Span::from_nanos(self.0.unsigned_abs()))
    }
}

/// With its sign: `+200ppm`.
impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+}ppm", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_read_and_printed() {
        let spans = ["50ms", "+50ms", "-2s", "- 1.5us"].map(|text| text.parse::<SignedSpan>().unwrap().to_string());
        assert_eq!(spans, ["+50ms", "+50ms", "-2s", "-1.5us"]);
        let drifts = ["200ppm", "-200ppm", "-10%", "0.5%"].map(|text| text.parse::<Drift>().unwrap().to_string());
        assert_eq!(drifts, ["+200ppm", "-200ppm", "-100000ppm", "+5000ppm"]);
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let said = |text: &str| text.parse::<SignedSpan>().map(|_| ()).unwrap_err().to_string();
        assert_eq!(said("-2h"), "`-2h` is too far: a clock may be set by -1h to +1h");
        assert!(said("-5").contains("has no unit"));
        let said = |text: &str| text.parse::<Drift>().map(|_| ()).unwrap_err().to_string();
        assert_eq!(said("-60%"), "`-60%` is too much: a drift lies between -500000ppm and +1000000ppm");
        assert!(said("fast").contains("such as \"200ppm\""));
        assert!(said("0.5ppm").contains("whole parts"));
    }
}
