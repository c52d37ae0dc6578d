//! Simulated time, in whole nanoseconds.
//!
//! Three types keep three ideas apart. [`Time`] is what the simulator's own clock shows and what events are ordered
//! by. [`LocalTime`] is what one node's clock shows, the only time that an actor ever sees; there is deliberately no
//! conversion between the two outside the simulator. [`Span`] is a length of either.
//!
//! A `u64` of nanoseconds lasts 584 years, so additions saturate instead of wrapping: a timer armed "for ever" is
//! simply never reached.

use std::fmt;
use std::ops::{Add, AddAssign, Range, RangeInclusive, Sub};

/// A moment of simulated time: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// What a node's own clock shows, in nanoseconds. Differs from [`Time`] as soon as clocks drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime(u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

/// Lengths of time from `min` to `max`, both included. A fixed length is a range whose ends agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanRange {
    /// The shortest length that may be drawn.
    pub min: Span,
    /// The longest length that may be drawn.
    pub max: Span,
}

impl Time {
    /// The moment at which every run begins.
    pub const ZERO: Self = Self(0);
    /// Later than every event.
    pub const MAX: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the beginning.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length from `earlier` to this moment; zero if `earlier` is in fact later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl LocalTime {
    /// The reading `nanos` nanoseconds after the clock's zero.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the clock's zero.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length from `earlier` to this reading; zero if the clock went backwards in between.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// A length of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A length of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// A length of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A length of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// This length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// This length `factor` times over; saturates.
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl SpanRange {
    /// Lengths from `min` to `max`.
    ///
    /// # Panics
    /// If `min` is longer than `max`.
    pub const fn new(min: Span, max: Span) -> Self {
        assert!(min.0 <= max.0, "a range of time must not end before it begins");
        Self { min, max }
    }

    /// Exactly `span`.
    pub const fn exactly(span: Span) -> Self {
        Self { min: span, max: span }
    }

    /// Whether there is only one length to draw.
    pub const fn is_fixed(self) -> bool {
        self.min.0 == self.max.0
    }
}

impl From<Span> for SpanRange {
    fn from(span: Span) -> Self {
        Self::exactly(span)
    }
}

impl From<Range<Span>> for SpanRange {
    fn from(range: Range<Span>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl From<RangeInclusive<Span>> for SpanRange {
    fn from(range: RangeInclusive<Span>) -> Self {
        Self::new(*range.start(), *range.end())
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add<Span> for LocalTime {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Seconds with as many digits as are needed, at most nine: `4.012s`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, nanos) = (self.0 / 1_000_000_000, self.0 % 1_000_000_000);
        if nanos == 0 {
            return write!(f, "{secs}s");
        }
        let digits = format!("{nanos:09}");
        write!(f, "{secs}.{}s", digits.trim_end_matches('0'))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Time(self.0).fmt(f)
    }
}

/// The largest unit that keeps the number whole or short: `150ms`, `1.5s`, `800us`. Reads back as the same length.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"), (1, "ns")];
        if self.0 == 0 {
            return f.pad("0s");
        }
        let (unit, name) = UNITS.into_iter().find(|(unit, _)| self.0 >= *unit).expect("a span of at least 1 ns");
        let (whole, rest) = (self.0 / unit, self.0 % unit);
        if rest == 0 {
            return f.pad(&format!("{whole}{name}"));
        }
        let width = unit.ilog10() as usize;
        let digits = format!("{rest:0width$}");
        f.pad(&format!("{whole}.{}{name}", digits.trim_end_matches('0')))
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_fixed() { self.min.fmt(f) } else { write!(f, "{}..{}", self.min, self.max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_print_in_the_unit_a_person_would_choose() {
        let spans = [0, 1, 999, 1_500, 150_000_000, 1_500_000_000, 90_000_000_000].map(Span::from_nanos);
        let printed = spans.map(|span| span.to_string());
        assert_eq!(printed, ["0s", "1ns", "999ns", "1.5us", "150ms", "1.5s", "90s"]);
    }

    #[test]
    fn a_timer_for_ever_is_never_reached_instead_of_wrapping() {
        assert_eq!(Time::from_nanos(5) + Span::MAX, Time::MAX);
        assert_eq!(Time::from_nanos(5).since(Time::from_nanos(9)), Span::ZERO);
    }
}
