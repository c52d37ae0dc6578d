//! Laws of chance for lengths of time: how long a message travels, a sync takes, a client thinks.
//!
//! A law turns 64 random bits into a length with integer arithmetic alone. Laws that need logarithms are tables of
//! quantiles, made once when a scenario is loaded; between two quantiles the length is interpolated.

use super::random::scale;
use super::time::{Span, SpanRange};
use std::fmt;
use std::sync::Arc;

/// How a length of time is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Law {
    /// Always the same length.
    Constant(Span),
    /// Each nanosecond of a range equally likely.
    Uniform(SpanRange),
    /// By a table of quantiles.
    Table(Quantiles),
}

/// A table of quantiles: `points[i]` is the length that a share of `i / (points - 1)` does not exceed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantiles(Arc<[u64]>);

impl Quantiles {
    /// A table of `points`, each at least as long as the one before.
    ///
    /// # Panics
    /// If there are fewer than two points or they do not ascend.
    pub fn new(points: Vec<Span>) -> Self {
        assert!(points.len() >= 2, "a table of quantiles needs a shortest and a longest length");
        assert!(points.is_sorted(), "quantiles must ascend");
        Self(points.into_iter().map(Span::as_nanos).collect())
    }

    #[inline]
    fn draw(&self, bits: u64) -> u64 {
        let position = u128::from(bits) * (self.0.len() as u128 - 1);
        let (index, fraction) = ((position >> 64) as usize, position as u64);
        let (low, high) = (self.0[index], self.0[index + 1]);
        low + scale(fraction, high - low)
    }
}

impl Law {
    /// The length that `bits` stand for.
    #[inline]
    pub fn draw(&self, bits: u64) -> Span {
        match self {
            Self::Constant(span) => *span,
            Self::Uniform(range) => {
                let width = range.max.as_nanos() - range.min.as_nanos();
                Span::from_nanos(range.min.as_nanos() + scale(bits, width.saturating_add(1)))
            }
            Self::Table(quantiles) => Span::from_nanos(quantiles.draw(bits)),
        }
    }

    /// Whether every length drawn is zero.
    pub fn is_zero(&self) -> bool {
        *self == Self::Constant(Span::ZERO)
    }
}

impl From<SpanRange> for Law {
    fn from(range: SpanRange) -> Self {
        if range.is_fixed() { Self::Constant(range.min) } else { Self::Uniform(range) }
    }
}

impl From<Span> for Law {
    fn from(span: Span) -> Self {
        Self::Constant(span)
    }
}

/// As a file has it; a table by its median.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(span) => write!(f, "{span}"),
            Self::Uniform(range) => write!(f, "{range}"),
            Self::Table(_) => write!(f, "around {}", self.draw(1 << 63)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gives_its_quantiles_back() {
        let law = Law::Table(Quantiles::new([0, 10, 100, 1000].map(Span::from_millis).to_vec()));
        let third = u64::MAX / 3;
        assert_eq!(law.draw(0), Span::ZERO);
        assert!(law.draw(third).as_nanos().abs_diff(10_000_000) < 100);
        assert!(law.draw(u64::MAX).as_nanos() > 999_000_000);
    }

    #[test]
    fn a_uniform_law_reaches_both_ends_and_never_leaves_them() {
        let law = Law::from(SpanRange::new(Span::from_nanos(5), Span::from_nanos(7)));
        let drawn: std::collections::BTreeSet<u64> = (0..64).map(|n| law.draw(n << 58).as_nanos()).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [5, 6, 7]);
    }
}
