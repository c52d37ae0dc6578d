//! From values to pixels: axes, and marks at round numbers.

use crate::engine::Time;

use super::palette::{AXIS, GRID, QUIET};
use super::picture::{Anchor, Picture, Type};

/// The look of the numbers at an axis.
const NUMBERS: Type = Type::plain(12, QUIET);

/// Time from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAxis {
    pub(super) left: i32,
    pub(super) right: i32,
    end: u64,
}

impl TimeAxis {
    /// From zero at `left` to `end` at `right`.
    pub(super) fn new(left: i32, right: i32, end: Time) -> Self {
        Self { left, right, end: end.as_nanos().max(1) }
    }

    /// Where a moment lies; what comes after the end lies at the end.
    pub(super) fn x(&self, time: Time) -> i32 {
        let share = u128::from(time.as_nanos().min(self.end)) * (self.right - self.left) as u128;
        self.left + (share / u128::from(self.end)) as i32
    }

    /// The unit that suits the length, in nanoseconds, with its name.
    fn unit(&self) -> (u64, &'static str) {
        match self.end {
            0..2_000 => (1, "ns"),
            2_000..2_000_000 => (1_000, "µs"),
            2_000_000..2_000_000_000 => (1_000_000, "ms"),
            2_000_000_000..=600_000_000_000 => (1_000_000_000, "s"),
            600_000_000_001..=18_000_000_000_000 => (60_000_000_000, "min"),
            _ => (3_600_000_000_000, "h"),
        }
    }

    /// Upright lines at round times, between two heights.
    pub(super) fn grid(&self, picture: &mut Picture, top: i32, bottom: i32) {
        for (at, _) in self.marks() {
            let x = self.x(Time::from_nanos(at));
            picture.line((x, top), (x, bottom), GRID, 1);
        }
    }

    /// The axis with its numbers and unit, below `top`. Takes [`TimeAxis::HEIGHT`] pixels.
    pub(super) fn draw(&self, picture: &mut Picture, top: i32) {
        picture.line((self.left, top), (self.right, top), AXIS, 1);
        for (at, text) in self.marks() {
            let x = self.x(Time::from_nanos(at));
            picture.line((x, top), (x, top + 5), AXIS, 1);
            picture.text((x, top + 15), &text, Anchor::Middle, NUMBERS);
        }
        let title = format!("simulated time ({})", self.unit().1);
        picture.text(((self.left + self.right) / 2, top + 34), &title, Anchor::Middle, NUMBERS);
    }

    /// As [`draw`](Self::draw), for what lies between two moments; `unit` in place of simulated time.
    pub(super) fn draw_between(&self, picture: &mut Picture, top: i32, begin: u64, end: u64, unit: Option<&str>) {
        picture.line((self.left, top), (self.right, top), AXIS, 1);
        let (one, name) = if unit.is_some() { (1, "") } else { Self { end, ..*self }.unit() };
        let step = round_step(u128::from(end - begin), 11, u128::from(one)).max(1) as u64;
        for at in (begin.div_ceil(step)..=end / step).map(|mark| mark * step) {
            let share = u128::from(at - begin) * (self.right - self.left) as u128;
            let x = self.left + (share / u128::from((end - begin).max(1))) as i32;
            picture.line((x, top), (x, top + 5), AXIS, 1);
            picture.text((x, top + 15), &decimal(u128::from(at), u128::from(one)), Anchor::Middle, NUMBERS);
        }
        let title = unit.map_or_else(|| format!("time ({name})"), str::to_owned);
        picture.text(((self.left + self.right) / 2, top + 34), &title, Anchor::Middle, NUMBERS);
    }

    /// How high [`TimeAxis::draw`] draws.
    pub(super) const HEIGHT: i32 = 44;

    fn marks(&self) -> Vec<(u64, String)> {
        let (unit, _) = self.unit();
        let step = round_step(u128::from(self.end), 11, u128::from(unit));
        let count = u128::from(self.end) / step;
        (0..=count).map(|mark| mark * step).map(|at| (at as u64, decimal(at, u128::from(unit)))).collect()
    }
}

/// The smallest of 1, 2, 5, 10, ... units (or tenths of one) that reaches `end` in at most `count` steps.
fn round_step(end: u128, count: u128, unit: u128) -> u128 {
    let mut power = if unit.is_multiple_of(100) { unit / 100 } else { unit };
    loop {
        let step = [1, 2, 5].into_iter().map(|factor| factor * power).find(|step| end / step <= count);
        match step {
            Some(step) => return step,
            None => power *= 10,
        }
    }
}

/// A number of units with at most three digits after the point: `1,250.5`.
fn decimal(value: u128, unit: u128) -> String {
    let rest = value % unit * 1_000 / unit;
    let whole = grouped((value / unit) as u64);
    if rest == 0 { whole } else { format!("{whole}.{}", format!("{rest:03}").trim_end_matches('0')) }
}

/// A number with its thousands set apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Amounts from bottom to top, in thousandths of the unit shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amounts {
    top: i32,
    bottom: i32,
    low: u64,
    high: u64,
    logarithmic: bool,
}

impl Amounts {
    /// From zero to at least `high`.
    pub(super) fn linear(top: i32, bottom: i32, high: u64) -> Self {
        let high = high.max(1_000);
        let step = round_step(u128::from(high), 4, 1_000) as u64;
        Self { top, bottom, low: 0, high: high.div_ceil(step).saturating_mul(step), logarithmic: false }
    }

    /// From a power of ten at most `low` to one at least `high`.
    pub(super) fn logarithmic(top: i32, bottom: i32, low: u64, high: u64) -> Self {
        let low = 10u64.pow(low.max(1).ilog10());
        let mut above = low.saturating_mul(10);
        while above < high && above < u64::MAX {
            above = above.saturating_mul(10);
        }
        Self { top, bottom, low, high: above, logarithmic: true }
    }

    /// How high an amount lies.
    pub(super) fn y(&self, amount: u64) -> i32 {
        let height = f64::from(self.bottom - self.top);
        let share = if self.logarithmic {
            let log = |amount: u64| libm::log10(amount.max(1) as f64);
            (log(amount) - log(self.low)) / (log(self.high) - log(self.low))
        } else {
            amount as f64 / self.high as f64
        };
        self.bottom - (share.clamp(0.0, 1.0) * height) as i32
    }

    /// Level lines at round amounts with their numbers to the left.
    pub(super) fn grid(&self, picture: &mut Picture, left: i32, right: i32) {
        let marks = if self.logarithmic {
            std::iter::successors(Some(self.low), |mark| mark.checked_mul(10))
                .take_while(|mark| *mark <= self.high)
                .collect()
        } else {
            let step = round_step(u128::from(self.high), 4, 1_000) as u64;
            (0..=self.high / step).map(|mark| mark * step).collect::<Vec<_>>()
        };
        // A spread of many decades does not have room for all of them.
        let every = marks.len().div_ceil(8);
        for mark in marks.into_iter().step_by(every) {
            let y = self.y(mark);
            picture.line((left, y), (right, y), GRID, 1);
            let number = decimal(u128::from(mark), 1_000);
            picture.text((left - 8, y), &number, Anchor::End, NUMBERS);
        }
    }
}

/// Amounts from left to right in whole numbers, for bars.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) left: i32,
    pub(super) right: i32,
    high: u64,
}

impl Lengths {
    /// From zero to at least `high`.
    pub(super) fn new(left: i32, right: i32, high: u64) -> Self {
        let high = high.max(1);
        let step = round_step(u128::from(high), 6, 1) as u64;
        Self { left, right, high: high.div_ceil(step).saturating_mul(step) }
    }

    /// Where an amount ends.
    pub(super) fn x(&self, amount: u64) -> i32 {
        let share = u128::from(amount.min(self.high)) * (self.right - self.left) as u128;
        self.left + (share / u128::from(self.high)) as i32
    }

    /// Upright lines at round amounts with their numbers below.
    pub(super) fn grid(&self, picture: &mut Picture, top: i32, bottom: i32) {
        let step = round_step(u128::from(self.high), 6, 1) as u64;
        for mark in (0..=self.high / step).map(|mark| mark * step) {
            let x = self.x(mark);
            picture.line((x, top), (x, bottom), GRID, 1);
            picture.text((x, bottom + 14), &grouped(mark), Anchor::Middle, NUMBERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(end: u64) -> String {
        let axis = TimeAxis::new(0, 1_000, Time::from_nanos(end));
        let marks = axis.marks().into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        format!("{} {}", marks.join(" "), axis.unit().1)
    }

    #[test]
    fn marks_stand_at_round_times_in_a_unit_that_suits_the_run() {
        assert_eq!(marks(1_000), "0 100 200 300 400 500 600 700 800 900 1,000 ns");
        assert_eq!(marks(750_000), "0 100 200 300 400 500 600 700 µs");
        assert_eq!(marks(2_500_000_000), "0 0.5 1 1.5 2 2.5 s");
        assert_eq!(marks(20_000_000_000), "0 2 4 6 8 10 12 14 16 18 20 s");
        assert_eq!(marks(3_600_000_000_000), "0 10 20 30 40 50 60 min");
        assert!(marks(u64::MAX).ends_with(" h"));
    }

    #[test]
    fn amounts_lie_between_the_edges() {
        for scale in [Amounts::linear(10, 110, u64::MAX / 4), Amounts::logarithmic(10, 110, 0, u64::MAX)] {
            assert_eq!((scale.y(0), scale.y(u64::MAX)), (110, 10));
        }
        let scale = Amounts::logarithmic(0, 300, 1_500, 900_000);
        assert_eq!([1_000, 10_000, 100_000, 1_000_000].map(|amount| scale.y(amount)), [300, 200, 100, 0]);
        assert_eq!(Lengths::new(0, 100, 47).x(25), 50);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(decimal(1_250_500, 1_000), "1,250.5");
    }
}
