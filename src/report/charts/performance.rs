//! The chart `performance`: what the clients noticed, as operations a second and how long they took.

use crate::engine::metrics::{Bin, Series};
use crate::engine::trace::{Outcome, Trace};
use crate::engine::{Span, Time};
use crate::report::timeline::Timeline;

use super::faults;
use super::palette::{self, AXIS, Colour, INK, MEDIAN, NINETY_NINE, QUIET, WHITE, WORST, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::{Amounts, TimeAxis};
use super::sheet::{self, Key, MARGIN, WIDTH};

const PANEL: i32 = 190;

/// A curve over the slices of the run: its name, colour, width, and how it reads a slice.
type Curve = (&'static str, Colour, u32, fn(&Bin) -> Option<Span>);

/// The curves, the least important first, because later ones cover earlier ones. Where a slice holds few operations, the
/// worst is also the p99, and shows as a halo of it.
const CURVES: [Curve; 3] = [
    ("max", WORST, 6, |bin| bin.latency.max()),
    ("p99", NINETY_NINE, 2, |bin| bin.latency.quantile(990)),
    ("p50", MEDIAN, 3, |bin| bin.latency.quantile(500)),
];

/// Composes the chart.
pub(super) fn compose(trace: &Trace, timeline: &Timeline) -> Picture {
    let (mut picture, top) = sheet::begin(trace, timeline, "what the clients noticed");
    let top = sheet::legend(&mut picture, top, keys(timeline)) + 10;
    // The right margin has room for the names of the curves.
    let axis = TimeAxis::new(110, WIDTH - MARGIN - 40, timeline.end);
    let rows = faults::rows(&mut picture, &axis, timeline, top);
    let panels = Panels { axis, series: series(timeline), end: timeline.end };
    let rates = Area::new(axis.left, rows.bottom + 26, axis.right, rows.bottom + 26 + PANEL);
    let latencies = Area { top: rates.bottom + 40, bottom: rates.bottom + 40 + PANEL, ..rates };
    for (panel, title) in [(rates, "operations ended per second"), (latencies, "latency of successful operations (ms)")]
    {
        picture.text((MARGIN, panel.top - 14), title, Anchor::Start, Type::bold(13, INK));
        faults::shade(&mut picture, &axis, timeline.faults.iter(), (panel.top, panel.bottom));
        axis.grid(&mut picture, panel.top, panel.bottom);
    }
    let ended = timeline.operations.iter().any(|operation| operation.ended.is_some());
    if ended {
        panels.draw_rates(&mut picture, rates);
        panels.draw_latencies(&mut picture, latencies);
    }
    for panel in [rates, latencies] {
        for x in &rows.broken {
            picture.line((*x, panel.top), (*x, panel.bottom), WRONG, 1);
        }
        if let Some(cut) = timeline.cut {
            sheet::beyond_the_cut(&mut picture, Area { left: axis.x(cut), ..panel });
        }
        if !ended {
            let (x, y) = (panel.middle().0, panel.top + 30);
            picture.fill(Area::new(x - 130, y - 12, x + 130, y + 12), WHITE);
            picture.text((x, y), "no operation is seen to end", Anchor::Middle, Type::plain(14, QUIET));
        }
    }
    picture.line((rates.left, rates.bottom), (rates.right, rates.bottom), AXIS, 1);
    axis.draw(&mut picture, latencies.bottom);
    sheet::finish(picture, latencies.bottom + TimeAxis::HEIGHT)
}

fn keys(timeline: &Timeline) -> Vec<(Key, String)> {
    let bars = STACK.map(|(outcome, name, _)| (Key::Fill(palette::outcome(Some(outcome))), name.to_owned()));
    let curves = CURVES.into_iter().rev().map(|(name, colour, width, _)| {
        let words = match name {
            "p50" => "p50: half were faster",
            "p99" => "p99: 99 of 100 were faster",
            _ => "max: the slowest",
        };
        (Key::Line(colour, width), words.to_owned())
    });
    let faults = (!timeline.faults.is_empty()).then(|| (Key::Fill(palette::FAULT), "fault in force".to_owned()));
    bars.into_iter().chain(curves).chain(faults).collect()
}

/// What is stacked in the upper panel, from the bottom.
type Layer = (Outcome, &'static str, fn(&Bin) -> u64);
const STACK: [Layer; 3] = [
    (Outcome::Ok, "ok", |bin| bin.latency.count()),
    (Outcome::Failed, "failed", |bin| bin.failed),
    (Outcome::Unknown, "outcome unknown", |bin| bin.unknown),
];

/// The run in slices: few enough that a slice holds several operations, and no thinner than a few pixels.
fn series(timeline: &Timeline) -> Series {
    let slices = (timeline.operations.len() as u64 / 15).clamp(20, 110);
    let mut series = Series::new(timeline.end.since(Time::ZERO), slices);
    for operation in &timeline.operations {
        let Some((time, outcome)) = operation.ended else { continue };
        let bin = series.at(time);
        match outcome {
            Outcome::Ok => bin.latency.record(time.since(operation.invoked)),
            Outcome::Failed => bin.failed += 1,
            Outcome::Unknown => bin.unknown += 1,
        }
    }
    series
}

struct Panels {
    axis: TimeAxis,
    series: Series,
    end: Time,
}

impl Panels {
    /// Every slice with its beginning and end.
    fn slices(&self) -> impl Iterator<Item = (Time, Time, &Bin)> {
        let width = self.series.width();
        self.series.bins().iter().enumerate().map(move |(place, bin)| {
            let from = Time::ZERO + width.times(place as u64);
            (from, (from + width).min(self.end), bin)
        })
    }

    /// `count` in a slice as thousandths of one a second. A last slice that is nearly empty counts as half of one, lest
    /// a single operation look like a storm.
    fn rate(&self, count: u64, from: Time, to: Time) -> u64 {
        let width = to.since(from).as_nanos().max(self.series.width().as_nanos() / 2).max(1);
        (u128::from(count) * 1_000_000_000_000 / u128::from(width)).min(u128::from(u64::MAX / 4)) as u64
    }

    fn draw_rates(&self, picture: &mut Picture, panel: Area) {
        let total = |bin: &Bin| STACK.iter().map(|(_, _, count)| count(bin)).sum();
        let high = self.slices().map(|(from, to, bin)| self.rate(total(bin), from, to)).max().unwrap_or(0);
        let scale = Amounts::linear(panel.top, panel.bottom, high);
        scale.grid(picture, panel.left, panel.right);
        for (from, to, bin) in self.slices() {
            let (left, right) = (self.axis.x(from), self.axis.x(to));
            // A gap between bars, once they are wide enough to spare a pixel.
            let right = if right - left >= 5 { right - 1 } else { right.max(left + 1) };
            let mut below = 0;
            for (outcome, _, count) in STACK {
                let (low, high) = (below, below + count(bin));
                let (top, bottom) = (scale.y(self.rate(high, from, to)), scale.y(self.rate(low, from, to)));
                // Even one failure in a thousand is worth a pixel.
                let top = if high > low { top.min(bottom - 1) } else { top };
                picture.fill(Area::new(left, top, right, bottom), palette::outcome(Some(outcome)));
                below = high;
            }
        }
    }

    fn draw_latencies(&self, picture: &mut Picture, panel: Area) {
        let spans =
            |read: fn(&Bin) -> Option<Span>| self.series.bins().iter().filter_map(move |bin| read(bin).map(amount));
        let high = spans(CURVES[0].3).max().unwrap_or(0);
        let low = spans(CURVES[2].3).min().unwrap_or(0);
        let scale = if high / 30 > low.max(1) {
            Amounts::logarithmic(panel.top, panel.bottom, low, high)
        } else {
            Amounts::linear(panel.top, panel.bottom, high)
        };
        scale.grid(picture, panel.left, panel.right);
        let mut ends = Vec::new();
        for (name, colour, width, read) in CURVES {
            let mut stretch = Vec::new();
            let mut last = None;
            for (from, to, bin) in self.slices() {
                let x = (self.axis.x(from) + self.axis.x(to)) / 2;
                match read(bin) {
                    Some(span) => stretch.push((x, scale.y(amount(span)))),
                    // Where nothing ended there is no latency, and a line across would invent one.
                    None => draw_stretch(picture, std::mem::take(&mut stretch), colour, width),
                }
                last = stretch.last().copied().or(last);
            }
            draw_stretch(picture, stretch, colour, width);
            ends.extend(last.map(|(_, y)| (y, name)));
        }
        name_curves(picture, panel, ends);
    }
}

/// Microseconds, which are thousandths of the unit shown.
fn amount(span: Span) -> u64 {
    span.as_nanos() / 1_000
}

fn draw_stretch(picture: &mut Picture, points: Vec<(i32, i32)>, colour: Colour, width: u32) {
    match points[..] {
        [] => {}
        [only] => picture.dot(only, width + 1, colour),
        _ => picture.path(points, colour, width),
    }
}

/// Writes each curve's name beside its end, from the top down, pushed apart where they would overlap.
fn name_curves(picture: &mut Picture, panel: Area, mut ends: Vec<(i32, &'static str)>) {
    // Two curves that end together keep the order of their meaning, because the sort is stable.
    ends.sort_by_key(|(y, _)| *y);
    let mut free = panel.top;
    for (place, (y, name)) in ends.iter().enumerate() {
        let below = (ends.len() - 1 - place) as i32 * 15;
        let y = (*y).min(panel.bottom - below).max(free);
        picture.text((panel.right + 8, y), name, Anchor::Start, Type::bold(12, QUIET));
        free = y + 15;
    }
}
