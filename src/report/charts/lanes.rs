//! A violation as a picture: who asked what when, in which order it can have happened, and what fits nowhere.
//!
//! One lane for each client, and in it a bar for each operation from its beginning to its end. The numbers are the places
//! in the legal order; the line goes through the bars in that order, at a moment of each at which the operation may have
//! taken effect, so it never runs backwards. The operation that fits nowhere is red and hatched, and has no number.

use super::palette::{Colour, FAULT, GROUND, INK, QUIET, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::{TimeAxis, grouped};
use super::sheet::{Key, MARGIN, WIDTH, finish, legend, paragraph};
use crate::check::story::{Bar, Story};
use crate::engine::Time;

const LANE: i32 = 58;
const BAR: i32 = 22;
const LEFT: i32 = 150;
const PLACED: Colour = Colour(176, 205, 232);
const ORDER: Colour = Colour(11, 79, 138);
const LABEL: Type = Type::plain(12, INK);
const NUMBER: Type = Type::bold(12, Colour(255, 255, 255));

/// Where things lie.
struct Frame {
    axis: TimeAxis,
    begin: u64,
    end: u64,
    top: i32,
}

impl Frame {
    /// Where a moment lies; the extent is widened so that nothing touches the edges.
    fn x(&self, moment: u64) -> i32 {
        let share =
            u128::from(moment.clamp(self.begin, self.end) - self.begin) * (self.axis.right - self.axis.left) as u128;
        self.axis.left + (share / u128::from(self.end - self.begin)) as i32
    }

    fn bar(&self, bar: &Bar) -> Area {
        let top = self.top + LANE * bar.lane as i32 + LANE - BAR - 8;
        let left = self.x(bar.begin);
        let right = bar.end.map_or(self.axis.right, |end| self.x(end)).max(left + 3);
        Area::new(left, top, right, top + BAR)
    }
}

/// The picture of a story.
pub(super) fn compose(story: &Story) -> Picture {
    let mut picture = Picture { width: WIDTH, height: 0, shapes: Vec::new() };
    let room = WIDTH - 2 * MARGIN;
    let title = Type::bold(20, INK);
    picture.text((MARGIN, 36), &title.fit(&story.title, room), Anchor::Start, title);
    let top = paragraph(&mut picture, (MARGIN, 62), &story.conflict, Type::plain(13, INK), room) + 8;
    let (first, last) = story.extent();
    let margin = (last - first) / 20 + 1;
    let (begin, end) = (first.saturating_sub(margin), last.saturating_add(margin));
    let axis = TimeAxis::new(LEFT, WIDTH - MARGIN, Time::from_nanos(end));
    let frame = Frame { axis, begin, end, top };
    let bottom = lanes(&mut picture, story, &frame);
    for bar in &story.bars {
        draw_bar(&mut picture, &frame, bar);
    }
    order(&mut picture, story, &frame);
    // Last, so that the line does not cross out what they say.
    for bar in &story.bars {
        label(&mut picture, story, &frame, bar);
    }
    let unit = (!story.timed).then_some(story.axis);
    frame.axis.draw_between(&mut picture, bottom, frame.begin, frame.end, unit);
    let mut keys = vec![(Key::Fill(PLACED), "has a place in the legal order".to_owned())];
    if story.bars.iter().any(|bar| bar.place.is_none() && !bar.culprit) {
        keys.push((Key::Fill(FAULT), "not placed".into()));
    }
    keys.push((Key::Hatch(Colour(248, 214, 218), WRONG), "fits nowhere".into()));
    if story.bars.iter().filter(|bar| bar.place.is_some()).count() > 1 {
        keys.push((Key::Line(ORDER, 2), "the legal order".into()));
    }
    if story.bars.iter().any(|bar| bar.end.is_none()) {
        keys.push((Key::Arrow(QUIET), "up to the edge: nobody knows the outcome".into()));
    }
    let bottom = legend(&mut picture, bottom + TimeAxis::HEIGHT + 8, keys);
    finish(picture, bottom)
}

fn lanes(picture: &mut Picture, story: &Story, frame: &Frame) -> i32 {
    let name = Type::bold(13, INK);
    let mut top = frame.top;
    for lane in &story.lanes {
        picture.fill(Area::new(MARGIN, top + 2, frame.axis.right, top + LANE - 2), GROUND);
        picture.text((MARGIN + 8, top + LANE - BAR / 2 - 8), &name.fit(lane, LEFT - MARGIN - 16), Anchor::Start, name);
        top += LANE;
    }
    top
}

fn draw_bar(picture: &mut Picture, frame: &Frame, bar: &Bar) {
    let area = frame.bar(bar);
    let colour = match (bar.culprit, bar.place) {
        (true, _) => Colour(248, 214, 218),
        (_, Some(_)) => PLACED,
        _ => FAULT,
    };
    picture.fill(area, colour);
    if bar.culprit {
        picture.hatch(area, WRONG);
        picture.frame(area, WRONG);
    } else {
        picture.frame(area, QUIET);
    }
}

/// What a bar is; it may use the room up to the next bar of its lane.
fn label(picture: &mut Picture, story: &Story, frame: &Frame, bar: &Bar) {
    let area = frame.bar(bar);
    let next = story.bars.iter().filter(|other| other.lane == bar.lane && other.begin > bar.begin);
    let limit = next.map(|other| frame.x(other.begin)).min().unwrap_or(frame.axis.right);
    let look = if bar.culprit { Type::bold(12, WRONG) } else { LABEL };
    let room = (limit - area.left - 6).max(0);
    picture.text((area.left, area.top - 10), &look.fit(&bar.label, room), Anchor::Start, look);
}

/// The legal order: a line from bar to bar, and numbers on it.
fn order(picture: &mut Picture, story: &Story, frame: &Frame) {
    let mut placed: Vec<&Bar> = story.bars.iter().filter(|bar| bar.place.is_some()).collect();
    placed.sort_by_key(|bar| bar.place);
    // A moment for each: not before its own beginning, nor before the one in front of it.
    let mut at = 0;
    let mut points = Vec::new();
    for (place, bar) in placed.iter().enumerate() {
        at = at.max(frame.x(bar.begin) + 10);
        let later = placed[place..].iter().filter_map(|bar| bar.end).map(|end| frame.x(end)).min();
        let x = at.min(later.unwrap_or(frame.axis.right).max(frame.x(bar.begin)));
        let area = frame.bar(bar);
        points.push((x.clamp(area.left, area.right), (area.top + area.bottom) / 2));
    }
    if points.len() > 1 {
        picture.path(points.clone(), ORDER, 2);
    }
    let mut taken: Vec<Area> = Vec::new();
    for ((x, y), bar) in points.into_iter().zip(placed) {
        let text = grouped(bar.place.unwrap_or(0) as u64);
        let half = (NUMBER.width(&text) / 2 + 4).max(9);
        let Some(area) = free(x, y, half, frame.bar(bar), &taken) else { continue };
        picture.fill(area, ORDER);
        picture.text((area.left + half, y), &text, Anchor::Middle, NUMBER);
        taken.push(area);
    }
}

/// Where a number can stand on its bar, as near to `x` as others leave room; nowhere if they leave none.
fn free(x: i32, y: i32, half: i32, bar: Area, taken: &[Area]) -> Option<Area> {
    let step = 2 * half + 1;
    let places = [0, step, -step, 2 * step, -2 * step].map(|aside| x + aside);
    // A bar may be narrower than its number, which then stands where the line meets it, if anywhere.
    let mut inside =
        places.into_iter().enumerate().filter(|(tried, x)| *tried == 0 || (bar.left..=bar.right).contains(x));
    inside.find_map(|(_, x)| {
        let area = Area::new(x - half, y - 9, x + half, y + 9);
        let meets = |other: &Area| {
            area.left < other.right && other.left < area.right && area.top < other.bottom && other.top < area.bottom
        };
        (!taken.iter().any(meets)).then_some(area)
    })
}
