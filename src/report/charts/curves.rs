//! A picture of distributions: for each length of time, the share of trials that took no longer.
//!
//! Curves lie on one logarithmic axis, because what is compared often differs by powers of ten; a number that was published
//! beforehand is a ring where it should lie.

use super::palette::{AXIS, Colour, GRID, INK, QUIET, WHITE};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::grouped;
use super::sheet::{self, Key, MARGIN, WIDTH};
use crate::engine::Span;

/// Distributions to be compared.
#[derive(Clone, Debug)]
pub struct Curves {
    /// What the picture says.
    pub title: String,
    /// Where it comes from.
    pub origin: String,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// One distribution.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Its name.
    pub name: String,
    /// The lengths measured, in ascending order.
    pub lengths: Vec<Span>,
    /// How many trials there were, those without an end included.
    pub trials: u32,
    /// Published lengths, each with the thousandths of trials that should take no longer.
    pub published: Vec<(Span, u32)>,
}

/// Colours that differ in lightness too; each comes with a width of its own.
const LOOKS: [(Colour, u32); 6] = [
    (Colour(11, 79, 138), 4),
    (Colour(178, 24, 43), 2),
    (Colour(90, 160, 90), 4),
    (Colour(230, 140, 20), 2),
    (Colour(60, 60, 60), 4),
    (Colour(150, 110, 200), 2),
];

const HEIGHT: i32 = 420;

pub(super) fn compose(curves: &Curves) -> Picture {
    let mut picture = Picture { width: WIDTH, height: 0, shapes: Vec::new() };
    let (title, quiet) = (Type::bold(20, INK), Type::plain(13, QUIET));
    let room = WIDTH - 2 * MARGIN;
    picture.text((MARGIN, 36), &title.fit(&curves.title, room), Anchor::Start, title);
    picture.text((MARGIN, 60), &quiet.fit(&curves.origin, room), Anchor::Start, quiet);
    let looks = || curves.curves.iter().zip(LOOKS.iter().cycle());
    let mut keys: Vec<_> =
        looks().map(|(curve, (colour, width))| (Key::Line(*colour, *width), curve.name.clone())).collect();
    if curves.curves.iter().any(|curve| !curve.published.is_empty()) {
        keys.push((Key::Ring, "published".into()));
    }
    let top = sheet::legend(&mut picture, 80, keys) + 30;
    let panel = Area::new(96, top, WIDTH - MARGIN, top + HEIGHT);
    let axis = Decades::of(curves, panel);
    axis.draw(&mut picture);
    for (curve, (colour, width)) in looks() {
        draw(&mut picture, &axis, curve, *colour, *width);
    }
    for (curve, (colour, _)) in looks() {
        for (length, per_mille) in &curve.published {
            let at = (axis.x(*length), axis.y(u64::from(*per_mille), 1_000));
            picture.dot(at, 7, *colour);
            picture.dot(at, 4, WHITE);
        }
    }
    sheet::finish(picture, panel.bottom + 40)
}

/// The curve as steps, thinned to one for each pixel.
fn draw(picture: &mut Picture, axis: &Decades, curve: &Curve, colour: Colour, width: u32) {
    let mut points: Vec<(i32, i32)> = Vec::new();
    for (place, length) in curve.lengths.iter().enumerate() {
        let (x, y) = (axis.x(*length), axis.y(place as u64 + 1, u64::from(curve.trials)));
        match points.last_mut() {
            Some(last) if last.0 == x => last.1 = y,
            Some((_, before)) => {
                let before = *before;
                points.extend([(x, before), (x, y)]);
            }
            None => points.extend([(x, axis.panel.bottom), (x, y)]),
        }
    }
    if points.len() > 1 {
        picture.path(points, colour, width);
    }
}

/// A logarithmic axis of time over the shares of trials.
struct Decades {
    panel: Area,
    low: u64,
    high: u64,
}

impl Decades {
    /// From the last round length before the shortest to the first one after the longest.
    fn of(curves: &Curves, panel: Area) -> Self {
        let all = || curves.curves.iter().flat_map(|curve| curve.lengths.iter()).map(|length| length.as_nanos().max(1));
        let low = all().min().unwrap_or(1_000_000);
        let high = all().max().unwrap_or(10_000_000);
        let round = |nanos: u64| {
            let power = 10_u64.pow(nanos.ilog10());
            [1, 2, 5, 10].map(|factor| power.saturating_mul(factor))
        };
        let low = round(low).into_iter().rev().find(|mark| *mark <= low).unwrap_or(1);
        let high = round(high).into_iter().find(|mark| *mark >= high).unwrap_or(u64::MAX);
        Self { panel, low, high: high.max(low + 1) }
    }

    fn x(&self, length: Span) -> i32 {
        let log = |nanos: u64| libm::log(nanos as f64);
        let nanos = length.as_nanos().clamp(self.low, self.high);
        let share = (log(nanos) - log(self.low)) / (log(self.high) - log(self.low));
        self.panel.left + (share * f64::from(self.panel.width())) as i32
    }

    fn y(&self, count: u64, of: u64) -> i32 {
        let height = u64::from((self.panel.bottom - self.panel.top).unsigned_abs());
        self.panel.bottom - (count * height / of.max(1)) as i32
    }

    fn draw(&self, picture: &mut Picture) {
        let numbers = Type::plain(12, QUIET);
        let Area { left, top, right, bottom } = self.panel;
        for percent in [0, 25, 50, 75, 90, 100] {
            let y = self.y(percent, 100);
            picture.line((left, y), (right, y), GRID, 1);
            picture.text((left - 8, y), &format!("{percent} %"), Anchor::End, numbers);
        }
        let decades = std::iter::successors(Some(10_u64.pow(self.low.ilog10())), |power| power.checked_mul(10));
        let marks = decades
            .take_while(|power| *power <= self.high)
            .flat_map(|power| [1, 2, 5].map(|f| power.saturating_mul(f)));
        let mut free = 0;
        for mark in marks.filter(|mark| self.low <= *mark && *mark <= self.high) {
            let (x, text) = (self.x(Span::from_nanos(mark)), millis(mark));
            picture.line((x, top), (x, bottom), GRID, 1);
            let half = numbers.width(&text) / 2;
            if x - half > free {
                picture.text((x, bottom + 16), &text, Anchor::Middle, numbers);
                free = x + half + 10;
            }
        }
        picture.line((left, bottom), (right, bottom), AXIS, 1);
        picture.text((left, top - 10), "share of trials that took no longer", Anchor::Start, Type::bold(13, INK));
    }
}

/// A round length for people.
fn millis(nanos: u64) -> String {
    match nanos {
        1_000_000_000.. => format!("{} s", grouped(nanos / 1_000_000_000)),
        1_000_000.. => format!("{} ms", nanos / 1_000_000),
        _ => format!("{} µs", nanos / 1_000),
    }
}
