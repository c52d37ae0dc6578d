//! A node's own clock: where it began, how far it was set, how wrong it runs.
//!
//! As in real machines there are two readings behind one face. The *steady* reading only ever grows, at the rate of
//! true time plus drift; alarms armed for a length of time follow it, so setting the clock moves none of them. What
//! the node *reads* is the steady reading plus its offset and all the steps by which it was set since, and may jump.
//!
//! Everything is integer arithmetic over 128 bits. An alarm never goes off before the steady reading has grown by its
//! length: lengths are rounded up when they are turned into simulated time, and readings are rounded down.

use super::signed::{Drift, SignedSpan};
use super::time::{LocalTime, Span, Time};

const MILLION: u128 = 1_000_000;

/// One node's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The steady reading at the moment `since`.
    steady: u64,
    /// When the drift last changed.
    since: Time,
    drift: Drift,
    /// Offset and steps, in nanoseconds.
    shift: i64,
}

impl Clock {
    /// A clock that shows `epoch` at the beginning of the run and runs right.
    pub fn beginning_at(epoch: Span) -> Self {
        Self { steady: epoch.as_nanos(), ..Self::default() }
    }

    /// Whether this clock shows simulated time itself.
    pub fn is_true(&self) -> bool {
        *self == Self::default()
    }

    /// What the clock shows at the moment `now`; a clock set back too far shows zero.
    pub fn read(&self, now: Time) -> LocalTime {
        LocalTime::from_nanos(self.steady(now).saturating_add_signed(self.shift))
    }

    /// The steady reading at the moment `now`.
    fn steady(&self, now: Time) -> u64 {
        let passed = u128::from(now.since(self.since).as_nanos()) * u128::from(self.rate()) / MILLION;
        self.steady.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }

    /// Local nanoseconds in a million true ones.
    fn rate(&self) -> u32 {
        1_000_000_u32.saturating_add_signed(self.drift.as_ppm())
    }

    /// How much simulated time passes while this clock counts `local`.
    pub fn lasts(&self, local: Span) -> Span {
        if self.drift == Drift::NONE {
            return local;
        }
        let nanos = (u128::from(local.as_nanos()) * MILLION).div_ceil(u128::from(self.rate()));
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How much this clock counts while `true_span` of simulated time passes.
    pub fn counts(&self, true_span: Span) -> Span {
        let nanos = u128::from(true_span.as_nanos()) * u128::from(self.rate()) / MILLION;
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Sets the clock forwards or backwards. Alarms are not moved.
    pub fn step(&mut self, by: SignedSpan) {
        self.shift = self.shift.saturating_add(by.as_nanos());
    }

    /// From `now` on the clock runs with this drift.
    pub fn set_drift(&mut self, now: Time, drift: Drift) {
        self.steady = self.steady(now);
        self.since = now;
        self.drift = drift;
    }

    /// How wrong the clock runs.
    pub fn drift(&self) -> Drift {
        self.drift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::ZERO + Span::from_millis(millis)
    }

    #[test]
    fn a_slow_clock_takes_longer_to_count_and_a_change_of_drift_moves_no_reading() {
        let mut clock = Clock::default();
        clock.set_drift(Time::ZERO, Drift::from_ppm(-100_000));
        assert_eq!(clock.lasts(Span::from_millis(100)), Span::from_nanos(111_111_112), "rounded up, never early");
        assert_eq!(clock.read(at(1_000)), LocalTime::from_nanos(900_000_000));
        clock.set_drift(at(1_000), Drift::from_ppm(1_000_000));
        assert_eq!(clock.read(at(1_000)), LocalTime::from_nanos(900_000_000));
        assert_eq!(clock.read(at(1_500)), LocalTime::from_nanos(1_900_000_000));
    }

    #[test]
    fn a_step_moves_what_is_read_and_no_length() {
        let mut clock = Clock::beginning_at(Span::from_secs(10));
        clock.step("-2s".parse().unwrap());
        assert_eq!(clock.read(at(1_000)), LocalTime::from_nanos(9_000_000_000));
        assert_eq!(clock.lasts(Span::from_millis(100)), Span::from_millis(100));
        clock.step("-1h".parse().unwrap());
        assert_eq!(clock.read(at(1_000)), LocalTime::from_nanos(0), "a clock shows nothing below zero");
    }

    #[test]
    fn a_length_counted_and_turned_back_is_never_short() {
        for ppm in [-500_000, -333_333, -7, 0, 13, 200, 999_999, 1_000_000] {
            let mut clock = Clock::default();
            clock.set_drift(Time::ZERO, Drift::from_ppm(ppm));
            for nanos in [1, 2, 3, 999, 1_000_001, 123_456_789_123] {
                let local = Span::from_nanos(nanos);
                assert!(clock.counts(clock.lasts(local)) >= local, "{ppm} ppm, {local}");
            }
        }
        let mut clock = Clock::default();
        clock.set_drift(Time::ZERO, Drift::SLOWEST);
        assert_eq!(clock.lasts(Span::MAX), Span::MAX, "a timer for ever stays one");
    }
}
