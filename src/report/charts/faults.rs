//! The rows above a plot that tell what was broken on purpose, and which promises broke.
//!
//! A label stands inside its bar if it fits, else to the right of it, else to the left. A bar whose label finds no
//! room in any row goes to a last row without labels, so that a run with hundreds of faults still shows when they were.

use crate::engine::Time;
use crate::report::timeline::{FaultSpan, Timeline};

use super::palette::{FAULT, INK, QUIET, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::{TimeAxis, grouped};
use super::sheet::MARGIN;

const ROW: i32 = 20;
const ROWS: usize = 4;
/// More labels than this cannot find room; not even to try keeps long runs fast.
const TRIES: usize = 400;
const LABEL: Type = Type::plain(12, INK);
const GUTTER: Type = Type::plain(12, QUIET);

/// What the rows leave for the plot below them.
pub(super) struct Rows {
    /// Where they end.
    pub(super) bottom: i32,
    /// Where labelled faults begin and end.
    pub(super) edges: Vec<i32>,
    /// Where labelled violations lie.
    pub(super) broken: Vec<i32>,
}

/// One bar with its label.
struct Placed {
    left: i32,
    right: i32,
    label: (i32, Anchor, String),
    row: usize,
}

/// Draws the rows below `top`. Without faults and violations there are none.
pub(super) fn rows(picture: &mut Picture, axis: &TimeAxis, timeline: &Timeline, top: i32) -> Rows {
    let faults = timeline.faults.iter().map(|fault| (axis.x(fault.during.from), axis.x(fault.during.to), fault.text));
    let (placed, unplaced) = place(faults, axis, LABEL, ROWS);
    let mut bottom = top;
    for bar in &placed {
        let y = top + bar.row as i32 * ROW;
        picture.fill(Area::new(bar.left, y + 2, bar.right, y + ROW - 2), FAULT);
        picture.line((bar.left, y + 2), (bar.left, y + ROW - 3), QUIET, 1);
        label(picture, bar, y, LABEL);
    }
    bottom += head(picture, "faults", &placed, top);
    if !unplaced.is_empty() {
        for (left, right) in merged(&unplaced) {
            picture.fill(Area::new(left, bottom + 4, right, bottom + ROW - 4), FAULT);
        }
        gutter(picture, axis, &format!("{} more", grouped(unplaced.len() as u64)), bottom);
        bottom += ROW;
    }
    let edges = placed.iter().flat_map(|bar| [bar.left, bar.right]).collect();
    let (bottom, broken) = violations(picture, axis, timeline, bottom);
    Rows { bottom: bottom + if bottom > top { 8 } else { 0 }, edges, broken }
}

fn violations(picture: &mut Picture, axis: &TimeAxis, timeline: &Timeline, top: i32) -> (i32, Vec<i32>) {
    let look = Type::bold(12, WRONG);
    let marks = timeline.violations.iter().map(|mark| (axis.x(mark.time) - 5, axis.x(mark.time) + 5, mark.property));
    let (placed, unplaced) = place(marks, axis, look, 2);
    for mark in &placed {
        let y = top + mark.row as i32 * ROW;
        picture.cross(((mark.left + mark.right) / 2, y + ROW / 2), 4, WRONG);
        label(picture, mark, y, look);
    }
    let mut bottom = top + head(picture, "violations", &placed, top);
    if !unplaced.is_empty() {
        for (left, right) in merged(&unplaced) {
            picture.fill(Area::new(left, bottom + 6, right, bottom + ROW - 6), WRONG);
        }
        gutter(picture, axis, &format!("{} more", grouped(unplaced.len() as u64)), bottom);
        bottom += ROW;
    }
    (bottom, placed.iter().map(|mark| (mark.left + mark.right) / 2).collect())
}

/// Names the rows that were filled, and returns how high they are.
fn head(picture: &mut Picture, name: &str, placed: &[Placed], top: i32) -> i32 {
    let Some(last) = placed.iter().map(|bar| bar.row).max() else { return 0 };
    picture.text((MARGIN, top + ROW / 2), name, Anchor::Start, GUTTER);
    (last as i32 + 1) * ROW
}

fn gutter(picture: &mut Picture, axis: &TimeAxis, text: &str, top: i32) {
    let text = GUTTER.fit(text, axis.left - MARGIN - 8);
    picture.text((MARGIN, top + ROW / 2), &text, Anchor::Start, GUTTER);
}

fn label(picture: &mut Picture, bar: &Placed, top: i32, look: Type) {
    let (x, anchor, text) = &bar.label;
    picture.text((*x, top + ROW / 2), text, *anchor, look);
}

/// Gives each bar a row in which neither it nor its label meets another.
fn place<'t>(
    bars: impl Iterator<Item = (i32, i32, &'t str)>,
    axis: &TimeAxis,
    look: Type,
    rows: usize,
) -> (Vec<Placed>, Vec<(i32, i32)>) {
    let mut taken = vec![Vec::<(i32, i32)>::new(); rows];
    let (mut placed, mut unplaced) = (Vec::new(), Vec::new());
    for (count, (left, right, text)) in bars.enumerate() {
        let right = right.max(left + 3);
        if count >= TRIES {
            unplaced.push((left, right));
            continue;
        }
        let text = look.fit(text, 300);
        let width = look.width(&text);
        let (extent, label) = if width + 12 <= right - left {
            ((left, right), (left + 6, Anchor::Start, text))
        } else if right + 6 + width <= axis.right {
            ((left, right + 6 + width), (right + 6, Anchor::Start, text))
        } else if left - 6 - width >= axis.left {
            ((left - 6 - width, right), (left - 6, Anchor::End, text))
        } else {
            ((left, right), (left + 6, Anchor::Start, look.fit(&text, right - left - 12)))
        };
        let free = |row: &Vec<(i32, i32)>| row.iter().all(|other| extent.1 + 8 <= other.0 || other.1 + 8 <= extent.0);
        match taken.iter().position(free) {
            Some(row) => {
                taken[row].push(extent);
                placed.push(Placed { left, right, label, row });
            }
            None => unplaced.push((left, right)),
        }
    }
    (placed, unplaced)
}

/// The same stretches without overlap, in order.
fn merged(stretches: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut sorted = stretches.to_vec();
    sorted.sort_unstable();
    let mut merged = Vec::<(i32, i32)>::new();
    for (left, right) in sorted {
        match merged.last_mut() {
            Some(last) if left <= last.1 => last.1 = last.1.max(right),
            _ => merged.push((left, right)),
        }
    }
    merged
}

/// Darkens the time in which any of some faults was in force.
pub(super) fn shade<'a>(
    picture: &mut Picture,
    axis: &TimeAxis,
    faults: impl Iterator<Item = &'a FaultSpan<'a>>,
    (top, bottom): (i32, i32),
) {
    let stretch = |from: Time, to: Time| (axis.x(from), axis.x(to).max(axis.x(from) + 2));
    let stretches = faults.map(|fault| stretch(fault.during.from, fault.during.to)).collect::<Vec<_>>();
    for (left, right) in merged(&stretches) {
        picture.veil(Area::new(left, top, right, bottom), FAULT, 35);
    }
}
