//! Measuring what others have published.
//!
//! Trials are independent runs whose seeds count from zero, so they may run on any number of threads and give the same
//! numbers. Every estimate comes with its 95 % confidence interval: for shares Wilson's, for means the normal one, for
//! quantiles that of the order statistics, which assumes nothing about the distribution.

use super::statistics::wilson;
use crate::engine::Span;
use crate::scenario::study::{Case, Measurement, Published, Statistic, Study};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// What was measured for one case.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The case's name.
    pub case: String,
    /// How many trials there were.
    pub trials: u32,
    /// How long they took, in ascending order; those that never ended are left out.
    pub lengths: Vec<Span>,
    /// Beside each published number, the one measured here.
    pub comparisons: Vec<Comparison>,
}

/// A published number beside the one measured here.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// What was published.
    pub published: Published,
    /// What was measured; `None` if no trial gave a measurement.
    pub measured: Option<Estimate>,
    /// Whether the two agree as closely as they should, or the published number lies within the measured interval.
    pub agrees: bool,
}

/// A number with its 95 % confidence interval: a share, or milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// Runs `trials` trials of the case at this place on `jobs` threads.
pub fn measure(study: &Study, case: usize, trials: u32, jobs: usize) -> Measured {
    let next = AtomicU64::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= u64::from(trials) {
                return found;
            }
            found.extend((study.trial)(case, seed));
        }
    };
    let mut lengths: Vec<Span> = thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a trial does not panic")).collect()
    });
    lengths.sort_unstable();
    let Case { name, published } = (study.cases)().swap_remove(case);
    let comparisons = published.into_iter().map(|published| compare(published, &lengths, trials)).collect();
    Measured { case: name, trials, lengths, comparisons }
}

fn compare(published: Published, sorted: &[Span], trials: u32) -> Comparison {
    let measured = estimate(published.statistic, sorted, trials);
    let agrees = measured.is_some_and(|estimate| {
        let share = matches!(published.statistic, Statistic::Share | Statistic::Never);
        let p = published.value;
        let slack = if share { 3.0 * libm::sqrt(p * (1.0 - p) / f64::from(trials)) + 0.002 } else { 0.0 };
        let covered = estimate.high.is_finite() && (estimate.low..=estimate.high).contains(&p);
        covered || (estimate.value - p).abs() <= (p * published.within).max(slack)
    });
    Comparison { published, measured, agrees }
}

/// The statistic of these lengths, which are in ascending order.
pub fn estimate(statistic: Statistic, sorted: &[Span], trials: u32) -> Option<Estimate> {
    let share = |count: usize| {
        let (low, high) = wilson(count as u64, u64::from(trials));
        Estimate { value: count as f64 / f64::from(trials), low, high }
    };
    let at = |place: usize| millis(sorted[place.min(sorted.len() - 1)]);
    match statistic {
        Statistic::Share => Some(share(sorted.iter().filter(|length| !length.is_zero()).count())),
        Statistic::Never => Some(share(trials as usize - sorted.len())),
        _ if sorted.is_empty() => None,
        Statistic::Mean => Some(mean(sorted)),
        Statistic::Max => Some(Estimate { value: at(sorted.len()), low: at(sorted.len()), high: f64::INFINITY }),
        Statistic::Quantile(per_mille) => {
            let (n, p) = (sorted.len() as f64, f64::from(per_mille) / 1_000.0);
            let spread = 1.96 * libm::sqrt(n * p * (1.0 - p));
            let place = |rank: f64| libm::floor(rank).max(0.0) as usize;
            Some(Estimate { value: at(place(n * p)), low: at(place(n * p - spread)), high: at(place(n * p + spread)) })
        }
    }
}

fn mean(lengths: &[Span]) -> Estimate {
    let n = lengths.len() as f64;
    let value = lengths.iter().copied().map(millis).sum::<f64>() / n;
    let squares = lengths.iter().map(|length| (millis(*length) - value) * (millis(*length) - value)).sum::<f64>();
    let error = 1.96 * libm::sqrt(squares / (n - 1.0).max(1.0) / n);
    Estimate { value, low: value - error, high: value + error }
}

fn millis(length: Span) -> f64 {
    length.as_nanos() as f64 / 1e6
}

/// How a number of this study is written.
pub fn written(study: &Study, statistic: Statistic, value: f64) -> String {
    match (study.measures, statistic) {
        (Measurement::Happens, _) | (_, Statistic::Share | Statistic::Never) => format!("{:.2} %", value * 100.0),
        _ if value.is_infinite() => "∞".into(),
        _ => format!("{value:.1} ms"),
    }
}
