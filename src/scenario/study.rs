//! Published results, and how to measure them here.
//!
//! A [`Study`] names numbers that somebody has published or that follow from a formula, and a trial: one small run that
//! yields one measurement. Whoever runs it gathers thousands of measurements and lays the two side by side. It is the
//! strictest test that a simulator can have, because the expected values come from elsewhere.

/// A published result.
#[derive(Clone, Copy, Debug)]
pub struct Study {
    /// Its name: `raft-election-time`.
    pub name: &'static str,
    /// What is measured, in a sentence.
    pub about: &'static str,
    /// Where the published values come from.
    pub source: &'static str,
    /// What was assumed to make the two comparable, and where they deviate.
    pub assumes: &'static str,
    /// What a measurement is.
    pub measures: Measurement,
    /// How many trials a case needs for the published tolerance.
    pub trials: u32,
    /// The settings that are compared.
    pub cases: fn() -> Vec<Case>,
    /// One trial of the case at this place with this seed: how long something took, or for
    /// [`Measurement::Happens`] one nanosecond if it happened and zero if not. `None` if it never came to an end.
    pub trial: fn(case: usize, seed: u64) -> Option<crate::engine::Span>,
}

/// What a measurement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measurement {
    /// Whether something happened.
    Happens,
    /// How long something took.
    Length,
}

/// One of the settings that are compared.
#[derive(Clone, Debug)]
pub struct Case {
    /// The settings, in a few words.
    pub name: String,
    /// What is known about them.
    pub published: Vec<Published>,
}

/// A number that is known beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Of which statistic.
    pub statistic: Statistic,
    /// Its value: a share, or milliseconds.
    pub value: f64,
    /// How far off a measurement may be, relative to the value. For a share, three standard errors and 0.002 are allowed in
    /// any case.
    pub within: f64,
    /// Where it comes from.
    pub by: &'static str,
}

/// A statistic of many measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The share of trials in which it happened.
    Share,
    /// The mean.
    Mean,
    /// The value that so many thousandths of the measurements do not exceed.
    Quantile(u32),
    /// The largest of all.
    Max,
    /// The share of trials that came to no end.
    Never,
}
