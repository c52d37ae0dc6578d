//! The chart `timeline`: a band a node over time.
//!
//! A run may change roles a million times; a picture has a thousand pixels. Each lane is therefore painted into one
//! cell a pixel first, later spans over earlier ones, and then drawn as runs of equal cells. If that is still too much
//! for a file that a browser opens gladly, the grain becomes coarser until it is not: a grain of several pixels shows
//! what filled most of it, and marks keep a greater distance.

use crate::engine::trace::{Outcome, Trace};
use crate::report::timeline::{Interval, NodeLine, Operation, Timeline};
use std::collections::BTreeSet;

use super::faults;
use super::palette::{self, Colour, DOWN, DOWN_STROKE, FAULT, GROUND, INK, QUIET, SIDES, WHITE, WORST, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::{TimeAxis, grouped};
use super::sheet::{self, Key, MARGIN, WIDTH};

/// More shapes than this make a file too large.
const SHAPES: usize = 7_000;
/// More lanes than this make a picture too high.
const LANES: usize = 120;
/// Above this many servers, lanes are drawn without labels in them.
const ROOMY: usize = 12;

/// Composes the chart.
pub(super) fn compose(trace: &Trace, timeline: &Timeline) -> Picture {
    let mut grain = 1;
    loop {
        let picture = Lanes::new(trace, timeline, grain).compose();
        if picture.shapes.len() <= SHAPES || grain >= 64 {
            return picture;
        }
        grain *= 2;
    }
}

/// What a node is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    Nothing,
    Down,
    Role(usize),
}

/// A lane's place on the sheet.
struct Lane {
    node: usize,
    band: Area,
    side: Area,
}

struct Lanes<'a> {
    trace: &'a Trace,
    timeline: &'a Timeline<'a>,
    axis: TimeAxis,
    /// How many pixels are shown as one.
    grain: i32,
    roles: Vec<&'static str>,
    colours: Vec<Colour>,
    operations: Vec<Vec<&'a Operation<'a>>>,
    roomy: bool,
}

impl<'a> Lanes<'a> {
    fn new(trace: &'a Trace, timeline: &'a Timeline, grain: i32) -> Self {
        let mut roles = Vec::new();
        let mut spans =
            timeline.lines.iter().filter(|line| !line.client).flat_map(|line| &line.roles).collect::<Vec<_>>();
        spans.sort_by_key(|span| span.during.from);
        for span in spans {
            if !roles.contains(&span.role) {
                roles.push(span.role);
            }
        }
        let mut operations = vec![Vec::new(); timeline.lines.len()];
        for operation in &timeline.operations {
            if let Some(list) = operations.get_mut(operation.client.index()) {
                list.push(operation);
            }
        }
        let servers = timeline.lines.iter().filter(|line| !line.client).count();
        Self {
            trace,
            timeline,
            axis: TimeAxis::new(150, WIDTH - MARGIN, timeline.end),
            grain,
            colours: palette::roles(&roles),
            roles,
            operations,
            roomy: servers <= ROOMY,
        }
    }

    fn compose(&self) -> Picture {
        let (mut picture, top) = sheet::begin(self.trace, self.timeline, "who was what, and what was broken");
        let top = sheet::legend(&mut picture, top, self.keys()) + 10;
        let rows = faults::rows(&mut picture, &self.axis, self.timeline, top);
        let (lanes, hidden, bottom) = self.layout(rows.bottom);
        self.axis.grid(&mut picture, rows.bottom, bottom);
        for x in &rows.edges {
            picture.line((*x, rows.bottom), (*x, bottom), FAULT, 1);
        }
        for x in &rows.broken {
            picture.line((*x, rows.bottom), (*x, bottom), WRONG, 1);
        }
        for lane in &lanes {
            self.draw_lane(&mut picture, lane);
        }
        if let Some(cut) = self.timeline.cut {
            sheet::beyond_the_cut(&mut picture, Area::new(self.axis.x(cut), rows.bottom, self.axis.right, bottom));
        }
        for lane in &lanes {
            self.draw_violations(&mut picture, lane);
        }
        self.axis.draw(&mut picture, bottom);
        let mut end = bottom + TimeAxis::HEIGHT;
        if hidden > 0 {
            let note = format!("{} more nodes are not shown", grouped(hidden as u64));
            picture.text((MARGIN, end + 8), &note, Anchor::Start, Type::plain(12, QUIET));
            end += 20;
        }
        sheet::finish(picture, end)
    }

    /// The legend names only what can be seen.
    fn keys(&self) -> Vec<(Key, String)> {
        let lines = &self.timeline.lines;
        let mut keys = Vec::new();
        let named = self.roles.iter().zip(&self.colours).take(24);
        keys.extend(named.map(|(role, colour)| (Key::Fill(*colour), (*role).to_owned())));
        if lines.iter().any(|line| !line.down.is_empty()) {
            keys.push(sheet::down_key());
        }
        if lines.iter().any(|line| !line.paused.is_empty()) {
            keys.push((Key::Stripe, "paused".into()));
        }
        let impaired = |line: &NodeLine| !line.impaired.is_empty() || !line.clock_steps.is_empty();
        if lines.iter().any(impaired) {
            keys.push((Key::Line(WORST, 4), self.impairments()));
        }
        if self.timeline.changes.iter().any(|change| leads(change.role)) {
            keys.push((Key::Arrow(INK), "elected".into()));
        }
        if !self.timeline.violations.is_empty() {
            keys.push((Key::Cross, "violation".into()));
        }
        let shown = |outcome| self.timeline.operations.iter().any(|op| op.ended.map(|(_, how)| how) == outcome);
        for (outcome, name) in [OUTCOMES[2], OUTCOMES[1], OUTCOMES[0], OUTCOMES[3]] {
            if shown(outcome) {
                keys.push((Key::Fill(palette::outcome(outcome)), name.to_owned()));
            }
        }
        keys
    }

    /// Servers above, clients below; returns the lanes, how many found no room, and where they end.
    fn layout(&self, top: i32) -> (Vec<Lane>, usize, i32) {
        let partitioned = self.timeline.faults.iter().any(|fault| !fault.groups.is_empty());
        let (gap, thick, side) = if self.roomy { (12, 22, 13) } else { (6, 14, 4) };
        let side = if partitioned { side } else { 2 };
        let mut lanes = Vec::new();
        let mut y = top + 2;
        for clients in [false, true] {
            let (gap, thick) = if clients { (6, 14) } else { (gap, thick) };
            let side = if clients { side.min(4) } else { side };
            for (node, _) in self.timeline.lines.iter().enumerate().filter(|(_, line)| line.client == clients) {
                if lanes.len() == LANES {
                    break;
                }
                let band = Area::new(self.axis.left, y + gap, self.axis.right, y + gap + thick);
                lanes.push(Lane { node, band, side: Area { top: band.bottom, bottom: band.bottom + side, ..band } });
                y = band.bottom + side;
            }
            y += 6;
        }
        let hidden = self.timeline.lines.len() - lanes.len();
        (lanes, hidden, y)
    }

    fn draw_lane(&self, picture: &mut Picture, lane: &Lane) {
        let line = &self.timeline.lines[lane.node];
        let concerns =
            |groups: &[Vec<_>]| groups.iter().flatten().any(|node: &crate::engine::NodeId| node.index() == lane.node);
        let partitions = self.timeline.faults.iter().filter(|fault| concerns(fault.groups));
        picture.fill(lane.band, GROUND);
        faults::shade(picture, &self.axis, partitions, (lane.band.top - 5, lane.side.bottom));
        self.draw_name(picture, lane, line);
        self.draw_roles(picture, lane, line);
        if line.client {
            self.draw_operations(picture, lane);
        }
        self.draw_impaired(picture, lane, line);
        self.draw_sides(picture, lane);
        self.draw_elections(picture, lane);
    }

    fn draw_name(&self, picture: &mut Picture, lane: &Lane, line: &NodeLine) {
        let look = if line.client { Type::plain(12, QUIET) } else { Type::bold(13, INK) };
        let room = self.axis.left - MARGIN - 10;
        let (_, y) = lane.band.middle();
        let region = self.trace.header.nodes[lane.node].region.as_deref();
        let full = region.map(|region| format!("{} · {region}", line.name));
        let text = full.filter(|full| look.width(full) <= room).unwrap_or_else(|| look.fit(line.name, room));
        picture.text((self.axis.left - 10, y), &text, Anchor::End, look);
    }

    fn draw_roles(&self, picture: &mut Picture, lane: &Lane, line: &NodeLine) {
        let mut cells = self.cells((Ground::Nothing, false));
        if !line.client {
            for span in &line.roles {
                let role = self.roles.iter().position(|role| *role == span.role).unwrap_or(0);
                self.paint(&mut cells, span.during, |cell| cell.0 = Ground::Role(role));
            }
        }
        for down in &line.down {
            self.paint(&mut cells, *down, |cell| cell.0 = Ground::Down);
        }
        for paused in &line.paused {
            self.paint(&mut cells, *paused, |cell| cell.1 = true);
        }
        let crosses = self.crosses(lane);
        for (left, right, (ground, paused)) in self.runs(&cells, most) {
            let area = Area { left, right, ..lane.band };
            let (colour, label) = match ground {
                Ground::Nothing => (GROUND, ""),
                Ground::Down => (DOWN, "down"),
                Ground::Role(role) => (self.colours[role], self.roles[role]),
            };
            if ground != Ground::Nothing {
                picture.fill(area, colour);
            }
            let label = if paused { "paused" } else { label };
            if ground == Ground::Down {
                picture.hatch(area, DOWN_STROKE);
                picture.frame(area, DOWN_STROKE);
            } else if paused {
                picture.stripe(area, if ground == Ground::Nothing { DOWN_STROKE } else { colour.ink() });
                picture.frame(area, DOWN_STROKE);
            }
            draw_label(picture, area, label, colour, paused || ground == Ground::Down, &crosses);
        }
    }

    /// Where operations share a pixel, the worst outcome shows.
    fn draw_operations(&self, picture: &mut Picture, lane: &Lane) {
        let mut cells = self.cells(0);
        for operation in &self.operations[lane.node] {
            let to = operation.ended.map_or(self.timeline.horizon(), |(time, _)| time);
            let outcome = operation.ended.map(|(_, outcome)| outcome);
            let weight =
                OUTCOMES.iter().position(|(other, _)| *other == outcome).map_or(0, |place| OUTCOMES.len() - place);
            let (first, mut last) = self.span(Interval { from: operation.invoked, to });
            // Operations one after the other are told apart by a gap, if they are wide enough to have one.
            if last - first >= 4 {
                last -= 1;
            }
            for cell in &mut cells[first..last] {
                *cell = weight.max(*cell);
            }
        }
        for (left, right, weight) in self.runs(&cells, greatest) {
            if weight > 0 {
                let colour = palette::outcome(OUTCOMES[OUTCOMES.len() - weight].0);
                picture.fill(Area { left, right, top: lane.band.top + 2, bottom: lane.band.bottom - 2 }, colour);
            }
        }
    }

    /// What is wrong with machines in this run, in words.
    fn impairments(&self) -> String {
        let lines = || self.timeline.lines.iter();
        let words: BTreeSet<_> = lines().flat_map(|line| line.impaired.iter().map(|span| span.by.word())).collect();
        let stepped = lines().any(|line| !line.clock_steps.is_empty()).then_some("clock set");
        words.into_iter().chain(stepped).collect::<Vec<_>>().join(", ")
    }

    /// A stripe along the band's lower edge while something is wrong with the machine; a tick where its clock was set.
    fn draw_impaired(&self, picture: &mut Picture, lane: &Lane, line: &NodeLine) {
        let mut cells = self.cells(false);
        for span in &line.impaired {
            self.paint(&mut cells, span.during, |cell| *cell = true);
        }
        let edge = Area { top: lane.band.bottom - 4, ..lane.band };
        for (left, right, impaired) in self.runs(&cells, most) {
            if impaired {
                picture.fill(Area { left, right, ..edge }, WORST);
                picture.line((left, edge.top), (right - 1, edge.top), INK, 1);
            }
        }
        for time in &line.clock_steps {
            let x = self.axis.x(*time);
            picture.fill(Area { left: x - 2, right: x + 2, ..lane.band }, WORST);
            picture.line((x, lane.band.top), (x, lane.band.bottom - 1), INK, 1);
        }
    }

    /// Which side of a partition the node is on.
    fn draw_sides(&self, picture: &mut Picture, lane: &Lane) {
        let mut cells = self.cells(None);
        for fault in &self.timeline.faults {
            let holds = |group: &Vec<crate::engine::NodeId>| group.iter().any(|node| node.index() == lane.node);
            if let Some(side) = fault.groups.iter().position(holds) {
                self.paint(&mut cells, fault.during, |cell| *cell = Some(side));
            }
        }
        for (left, right, side) in self.runs(&cells, most) {
            let Some(side) = side else { continue };
            let colour = SIDES[side % SIDES.len()];
            let area = Area { left, right, ..lane.side };
            picture.fill(area, colour);
            let look = Type::plain(10, colour.ink());
            let label = format!("side {}", side_name(side));
            if area.bottom - area.top >= 12 && look.width(&label) + 10 <= area.width() {
                picture.text((left + 6, area.middle().1), &label, Anchor::Start, look);
            }
        }
    }

    fn draw_elections(&self, picture: &mut Picture, lane: &Lane) {
        let mut last = i32::MIN / 2;
        let size = if self.roomy { 6 } else { 4 };
        let mine =
            |change: &&crate::report::timeline::RoleChange| change.node.index() == lane.node && leads(change.role);
        for change in self.timeline.changes.iter().filter(mine) {
            let x = self.axis.x(change.time);
            if x - last > (size + 2) * self.grain {
                picture.arrow((x, lane.band.top - 1), size, INK);
                last = x;
            }
        }
    }

    fn draw_violations(&self, picture: &mut Picture, lane: &Lane) {
        let (_, y) = lane.band.middle();
        for x in self.crosses(lane) {
            picture.dot((x, y), 8, WHITE);
            picture.cross((x, y), 4, WRONG);
        }
    }

    /// Where the lane's violations are marked, as long as the marks stay apart.
    fn crosses(&self, lane: &Lane) -> Vec<i32> {
        let mut crosses = Vec::<i32>::new();
        for mark in &self.timeline.violations {
            let x = self.axis.x(mark.time);
            let mine = mark.node.is_some_and(|node| node.index() == lane.node);
            if mine && crosses.last().is_none_or(|last| x - last > 16 * self.grain) {
                crosses.push(x);
            }
        }
        crosses
    }

    /// One cell a pixel.
    fn cells<T: Clone>(&self, value: T) -> Vec<T> {
        vec![value; (self.axis.right - self.axis.left) as usize]
    }

    /// The cells of a stretch of time: at least one.
    fn span(&self, during: Interval) -> (usize, usize) {
        let count = (self.axis.right - self.axis.left) as usize;
        let cell = |time| (self.axis.x(time) - self.axis.left) as usize;
        let first = cell(during.from).min(count - 1);
        (first, cell(during.to).clamp(first + 1, count))
    }

    fn paint<T>(&self, cells: &mut [T], during: Interval, mut set: impl FnMut(&mut T)) {
        let (first, last) = self.span(during);
        cells[first..last].iter_mut().for_each(&mut set);
    }

    /// Runs of equal cells as pixels from left to right; `pick` decides for the pixels of one grain.
    fn runs<T: Copy + PartialEq>(&self, cells: &[T], pick: fn(&[T]) -> T) -> Vec<(i32, i32, T)> {
        let mut runs = Vec::<(i32, i32, T)>::new();
        let mut left = self.axis.left;
        for pixels in cells.chunks(self.grain as usize) {
            let (right, picked) = (left + pixels.len() as i32, pick(pixels));
            match runs.last_mut() {
                Some(run) if run.2 == picked => run.1 = right,
                _ => runs.push((left, right, picked)),
            }
            left = right;
        }
        runs
    }
}

/// The most frequent value, of equally frequent ones the last. Grains are small, so counting again and again is fast.
fn most<T: Copy + PartialEq>(pixels: &[T]) -> T {
    let frequency = |value: &&T| pixels.iter().filter(|other| other == value).count();
    *pixels.iter().max_by_key(frequency).expect("a grain holds at least one pixel")
}

/// The greatest value.
fn greatest<T: Copy + Ord>(pixels: &[T]) -> T {
    *pixels.iter().max().expect("a grain holds at least one pixel")
}

/// Outcomes from the worst to the best, with their names in the legend.
const OUTCOMES: [(Option<Outcome>, &str); 4] = [
    (Some(Outcome::Unknown), "operation: outcome unknown"),
    (Some(Outcome::Failed), "operation: failed"),
    (Some(Outcome::Ok), "operation: ok"),
    (None, "operation: no end seen"),
];

/// Names a run if there is room beside the crosses; on strokes, the name stands on a ground of its own.
fn draw_label(picture: &mut Picture, area: Area, label: &str, colour: Colour, stroked: bool, crosses: &[i32]) {
    let look = Type::plain(12, if stroked { INK } else { colour.ink() });
    let width = look.width(label);
    if label.is_empty() || area.bottom - area.top < 18 {
        return;
    }
    let (middle, y) = area.middle();
    let mut left = if stroked { middle - width / 2 } else { area.left + 6 };
    for cross in crosses {
        if (left - 10..left + width + 10).contains(cross) {
            left = cross + 14;
        }
    }
    if left < area.left + 6 || left + width + 6 > area.right {
        return;
    }
    if stroked {
        picture.fill(Area::new(left - 5, area.top + 3, left + width + 5, area.bottom - 3), WHITE);
    }
    picture.text((left, y), label, Anchor::Start, look);
}

/// Whether taking this role is what a reader calls an election.
fn leads(role: &str) -> bool {
    matches!(role, "leader" | "primary")
}

/// A, B, ... Z, then numbers.
fn side_name(side: usize) -> String {
    match u8::try_from(side) {
        Ok(side @ 0..26) => char::from(b'A' + side).to_string(),
        _ => (side + 1).to_string(),
    }
}
