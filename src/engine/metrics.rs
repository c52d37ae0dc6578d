//! Integer histograms and time series: what a run remembers when it keeps no trace.
//!
//! Everything here has a fixed size, so that a run's memory does not grow with simulated time.

use super::time::{Span, Time};

/// Buckets in each doubling of the value: quantiles are exact to 1/32, about 3 %.
const STEPS: u64 = 32;

/// How often each length of time occurred, in log-linear buckets (as in HdrHistogram): exact below 32 ns, within 3 %
/// above. Integers only; an empty one takes no memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    count: u64,
    sum: u128,
    min: u64,
    max: u64,
}

impl Histogram {
    /// Counts one length of time.
    pub fn record(&mut self, span: Span) {
        let value = span.as_nanos();
        let bucket = Self::bucket(value);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.count += 1;
        self.sum += u128::from(value);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest, exactly; `None` when nothing was counted.
    pub fn max(&self) -> Option<Span> {
        (self.count > 0).then(|| Span::from_nanos(self.max))
    }

    /// The mean, rounded down to a nanosecond.
    pub fn mean(&self) -> Option<Span> {
        (self.count > 0).then(|| Span::from_nanos((self.sum / u128::from(self.count)) as u64))
    }

    /// The length that `per_mille` thousandths of all do not exceed: 500 for the median, 990 for p99. At most 3 % too
    /// long, never longer than the longest.
    pub fn quantile(&self, per_mille: u32) -> Option<Span> {
        if self.count == 0 {
            return None;
        }
        let rank = (u128::from(self.count) * u128::from(per_mille)).div_ceil(1_000).max(1) as u64;
        let mut seen = 0;
        let bucket = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        Some(Span::from_nanos(Self::upper_end(bucket).clamp(self.min, self.max)))
    }

    /// The buckets that hold something, shortest first: the longest length that each could hold, and how many it holds.
    pub fn buckets(&self) -> impl Iterator<Item = (Span, u64)> + use<'_> {
        let held = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        held.map(|(bucket, count)| (Span::from_nanos(Self::upper_end(bucket)), *count))
    }

    /// Values below 32 have a bucket each; above, the top five bits below the leading one choose among 32.
    fn bucket(value: u64) -> usize {
        if value < STEPS {
            return value as usize;
        }
        let exponent = u64::from(value.ilog2()) - 5;
        (exponent * STEPS + (value >> exponent)) as usize
    }

    fn upper_end(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        if bucket < 2 * STEPS {
            return bucket;
        }
        let exponent = bucket / STEPS - 1;
        let lead = bucket % STEPS + STEPS;
        (((u128::from(lead) + 1) << exponent) - 1).min(u128::from(u64::MAX)) as u64
    }
}

/// One equal slice of a run's time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Operations that ended well in this slice, and how long they took.
    pub latency: Histogram,
    /// Operations that ended with a refusal.
    pub failed: u64,
    /// Operations given up with an unknown outcome.
    pub unknown: u64,
}

/// A run's time cut into equal slices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    width: Span,
    bins: Vec<Bin>,
}

impl Series {
    /// Slices of `duration`, at most `slices` of them and each at least 1 ms wide.
    pub fn new(duration: Span, slices: u64) -> Self {
        let width = duration.as_nanos().div_ceil(slices.max(1)).max(1_000_000);
        let count = duration.as_nanos().div_ceil(width).max(1);
        Self { width: Span::from_nanos(width), bins: vec![Bin::default(); count as usize] }
    }

    /// The width of a slice.
    pub fn width(&self) -> Span {
        self.width
    }

    /// All slices, first to last.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// The slice that holds `time`; what happens after the end counts to the last.
    pub fn at(&mut self, time: Time) -> &mut Bin {
        let last = self.bins.len() - 1;
        &mut self.bins[((time.as_nanos() / self.width.as_nanos()) as usize).min(last)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_three_percent() {
        let mut histogram = Histogram::default();
        for millis in 1..=1000 {
            histogram.record(Span::from_millis(millis));
        }
        for (per_mille, exact) in [(500, 500), (990, 990), (999, 999), (1000, 1000), (1, 1)] {
            let got = histogram.quantile(per_mille).unwrap().as_nanos();
            let exact = Span::from_millis(exact).as_nanos();
            assert!(got >= exact && got <= exact + exact / 31, "{per_mille}: {got} is not near {exact}");
        }
        assert_eq!(histogram.max(), Some(Span::from_secs(1)));
        assert_eq!(histogram.mean(), Some(Span::from_micros(500_500)));
    }

    #[test]
    fn every_value_is_in_a_bucket_that_reaches_it() {
        let mut histogram = Histogram::default();
        for nanos in [3, 3, 1_000, 1_000_000] {
            histogram.record(Span::from_nanos(nanos));
        }
        let buckets: Vec<_> = histogram.buckets().map(|(end, count)| (end.as_nanos(), count)).collect();
        assert_eq!(buckets, [(3, 2), (1_007, 1), (1_015_807, 1)]);
    }

    #[test]
    fn extremes_fit() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(500), None);
        histogram.record(Span::ZERO);
        histogram.record(Span::MAX);
        assert_eq!(histogram.quantile(500), Some(Span::ZERO));
        assert_eq!(histogram.quantile(1000), Some(Span::MAX));
    }
}
