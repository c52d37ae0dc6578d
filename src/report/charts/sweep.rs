//! The pictures of many runs: how often something happens, and how what was measured is spread.
//!
//! Shares lie on a logarithmic axis, because what is rare is what matters, each with its confidence interval; a share of which
//! nothing was seen is an open interval that ends where it may at most lie. Spreads are small pictures side by side, each on an
//! axis of its own with its median: they show at a glance whether a sweep went where it should.

use super::palette::{AXIS, Colour, GRID, GROUND, INK, MEDIAN, QUIET, WHITE, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::grouped;
use super::sheet::{self, Key, MARGIN, WIDTH};

/// How often several things happen.
#[derive(Clone, Debug)]
pub struct Rates {
    /// What the picture says.
    pub title: String,
    /// Where it comes from.
    pub origin: String,
    /// The rows.
    pub rows: Vec<Rate>,
}

/// How often one thing happens.
#[derive(Clone, Debug)]
pub struct Rate {
    /// What.
    pub name: String,
    /// How often it happened.
    pub count: u64,
    /// Of how many times.
    pub of: u64,
    /// The ends of the confidence interval, as shares.
    pub interval: (f64, f64),
    /// What else there is to say.
    pub note: String,
}

/// How several measures are spread over runs.
#[derive(Clone, Debug)]
pub struct Spreads {
    /// What the picture says.
    pub title: String,
    /// Where it comes from.
    pub origin: String,
    /// The measures.
    pub spreads: Vec<Spread>,
}

/// How one measure is spread.
#[derive(Clone, Debug)]
pub struct Spread {
    /// Its name.
    pub name: String,
    /// Values in ascending order, and how often each was measured.
    pub values: Vec<(u64, u64)>,
    /// The median.
    pub median: u64,
    /// Whether the axis is evenly divided from zero to this value; otherwise it is logarithmic.
    pub whole: Option<u64>,
    /// How a value is written.
    pub write: fn(u64) -> String,
}

const NAME: Type = Type::bold(13, INK);
const NUMBER: Type = Type::plain(12, INK);
const SMALL: Type = Type::plain(12, QUIET);
const ROW: i32 = 34;

fn begin(title: &str, origin: &str) -> Picture {
    let mut picture = Picture { width: WIDTH, height: 0, shapes: Vec::new() };
    let (bold, quiet) = (Type::bold(20, INK), Type::plain(13, QUIET));
    let room = WIDTH - 2 * MARGIN;
    picture.text((MARGIN, 36), &bold.fit(title, room), Anchor::Start, bold);
    picture.text((MARGIN, 60), &quiet.fit(origin, room), Anchor::Start, quiet);
    picture
}

pub(super) fn compose_rates(rates: &Rates) -> Picture {
    let mut picture = begin(&rates.title, &rates.origin);
    if rates.rows.is_empty() {
        picture.text((WIDTH / 2, 120), "nothing failed", Anchor::Middle, Type::plain(14, QUIET));
        return sheet::finish(picture, 160);
    }
    let mut keys = vec![(Key::Line(MEDIAN, 3), "95 % confidence interval".into())];
    if rates.rows.iter().any(|row| row.count == 0) {
        keys.push((Key::Line(WRONG, 3), "never seen: at most this share".into()));
    }
    let top = sheet::legend(&mut picture, 76, keys) + 10;
    let name_room = rates.rows.iter().map(|row| NAME.width(&row.name)).max().unwrap_or(0).min(260);
    let bottom = top + rates.rows.len() as i32 * ROW;
    let panel = Area::new(MARGIN + name_room + 12, top, 740, bottom);
    let smallest = rates.rows.iter().map(|row| row.of).max().unwrap_or(1).max(10);
    let decades = i32::try_from(smallest.ilog10() + 1).unwrap_or(20);
    let x = |share: f64| {
        let place = 1.0 + libm::log10(share.max(1e-30)) / f64::from(decades);
        panel.left + (place.clamp(0.0, 1.0) * f64::from(panel.width())) as i32
    };
    for decade in 0..=decades {
        let share = libm::pow(10.0, f64::from(-decade));
        picture.line((x(share), top), (x(share), bottom), GRID, 1);
        picture.text((x(share), bottom + 14), &percent(decade), Anchor::Middle, SMALL);
    }
    for (place, row) in rates.rows.iter().enumerate() {
        let y = top + place as i32 * ROW + ROW / 2;
        picture.text((panel.left - 10, y), &NAME.fit(&row.name, name_room), Anchor::End, NAME);
        interval(&mut picture, row, y, panel.left, &x);
        let text = format!("{} of {}{}", grouped(row.count), grouped(row.of), row.note);
        let room = WIDTH - MARGIN - panel.right - 24;
        picture.text((panel.right + 24, y), &NUMBER.fit(&text, room), Anchor::Start, NUMBER);
    }
    picture.line((panel.left, bottom), (panel.right, bottom), AXIS, 1);
    picture.text((panel.left, bottom + 34), "share of seeds (logarithmic)", Anchor::Start, SMALL);
    sheet::finish(picture, bottom + 44)
}

/// The interval with the share in it, or an open one from the edge if nothing was seen.
fn interval(picture: &mut Picture, row: &Rate, y: i32, left: i32, x: &dyn Fn(f64) -> i32) {
    let high = x(row.interval.1);
    if row.count == 0 {
        picture.line((left, y), (high, y), WRONG, 3);
        picture.line((high, y - 7), (high, y + 7), WRONG, 3);
        return;
    }
    picture.line((x(row.interval.0), y), (high.max(x(row.interval.0) + 1), y), MEDIAN, 3);
    let at = (x(row.count as f64 / row.of.max(1) as f64), y);
    picture.dot(at, 6, MEDIAN);
    picture.dot(at, 3, WHITE);
}

/// A power of ten as a share: `100 %`, `0.1 %`.
fn percent(decade: i32) -> String {
    match decade {
        0 => "100 %".into(),
        1 => "10 %".into(),
        2 => "1 %".into(),
        _ => format!("0.{}1 %", "0".repeat(usize::try_from(decade - 3).unwrap_or(0))),
    }
}

/// How many spreads stand side by side.
const COLUMNS: i32 = 3;
/// How high each is, with its texts.
const CELL: i32 = 180;
/// How many bars a spread has at most.
const BARS: i32 = 48;
const BAR: Colour = Colour(150, 170, 200);

pub(super) fn compose_spreads(spreads: &Spreads) -> Picture {
    let mut picture = begin(&spreads.title, &spreads.origin);
    let keys = vec![(Key::Fill(BAR), "seeds".into()), (Key::Line(WRONG, 2), "median".into())];
    let top = sheet::legend(&mut picture, 76, keys) + 16;
    let width = (WIDTH - 2 * MARGIN + 40) / COLUMNS;
    for (place, spread) in spreads.spreads.iter().enumerate() {
        let (column, row) = (place as i32 % COLUMNS, place as i32 / COLUMNS);
        let (left, top) = (MARGIN + column * width, top + row * CELL);
        draw(&mut picture, spread, Area::new(left, top, left + width - 40, top + CELL));
    }
    let rows = (spreads.spreads.len() as i32 + COLUMNS - 1) / COLUMNS;
    sheet::finish(picture, top + rows * CELL)
}

fn draw(picture: &mut Picture, spread: &Spread, cell: Area) {
    let panel = Area::new(cell.left, cell.top + 30, cell.right, cell.bottom - 36);
    let median = format!("median {}", (spread.write)(spread.median));
    let room = cell.width() - NUMBER.width(&median) - 12;
    picture.text((cell.left, cell.top + 12), &NAME.fit(&spread.name, room), Anchor::Start, NAME);
    picture.text((cell.right, cell.top + 12), &median, Anchor::End, NUMBER);
    picture.fill(panel, GROUND);
    let low = spread.values.first().map_or(0, |(value, _)| *value);
    let high = spread.values.last().map_or(0, |(value, _)| *value);
    let axis = Axis { low, high, whole: spread.whole };
    let mut bars = vec![0_u64; BARS as usize];
    for (value, count) in &spread.values {
        bars[((axis.place(*value) * f64::from(BARS)) as usize).min(BARS as usize - 1)] += count;
    }
    let most = bars.iter().copied().max().unwrap_or(0).max(1);
    let edge = |bar: i32| panel.left + bar * panel.width() / BARS;
    for (bar, count) in bars.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (u128::from(*count) * (panel.bottom - panel.top) as u128 / u128::from(most)) as i32;
        let (left, right) = (edge(bar as i32), edge(bar as i32 + 1));
        // Even one seed is worth a pixel.
        picture.fill(Area::new(left, panel.bottom - height.max(1), right - 1, panel.bottom), BAR);
    }
    let at = ((axis.place(spread.median) * f64::from(BARS)) as i32).min(BARS - 1);
    let x = (edge(at) + edge(at + 1)) / 2;
    picture.line((x, panel.top), (x, panel.bottom), WRONG, 2);
    picture.line((panel.left, panel.bottom), (panel.right, panel.bottom), AXIS, 1);
    let (low, high) = spread.whole.map_or((low, high), |whole| (0, whole));
    picture.text((panel.left, panel.bottom + 14), &(spread.write)(low), Anchor::Start, SMALL);
    if high > low {
        picture.text((panel.right, panel.bottom + 14), &(spread.write)(high), Anchor::End, SMALL);
    }
}

/// Values from left to right.
struct Axis {
    low: u64,
    high: u64,
    whole: Option<u64>,
}

impl Axis {
    /// Where a value lies, from 0 to 1.
    fn place(&self, value: u64) -> f64 {
        if let Some(whole) = self.whole {
            return value as f64 / whole.max(1) as f64;
        }
        let log = |value: u64| libm::log1p(value as f64);
        let width = log(self.high) - log(self.low);
        if width > 0.0 { (log(value) - log(self.low)) / width } else { 0.0 }
    }
}
