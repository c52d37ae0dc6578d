//! What every picture has around its plot: a title, where it comes from, a legend.

use crate::engine::Time;
use crate::engine::trace::Trace;

use super::palette::{AXIS, Colour, DOWN, DOWN_STROKE, INK, QUIET, WHITE, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::grouped;
use crate::report::timeline::Timeline;

/// How wide every picture is.
pub(super) const WIDTH: i32 = 1200;
/// The free margin at both sides.
pub(super) const MARGIN: i32 = 36;

const LEGEND: Type = Type::plain(12, INK);

/// One entry of a legend.
pub(super) enum Key {
    /// A filled bar.
    Fill(Colour),
    /// A filled bar with strokes of the second colour.
    Hatch(Colour, Colour),
    /// Something that stands still.
    Stripe,
    /// A triangle.
    Arrow(Colour),
    /// A cross.
    Cross,
    /// A line.
    Line(Colour, u32),
    /// A ring.
    Ring,
}

/// A blank sheet with the title, and the height at which the next thing may begin.
pub(super) fn begin(trace: &Trace, timeline: &Timeline, shows: &str) -> (Picture, i32) {
    let mut picture = Picture { width: WIDTH, height: 0, shapes: Vec::new() };
    let room = WIDTH - 2 * MARGIN;
    let header = &trace.header;
    let title = Type::bold(20, INK);
    let name = if header.title.trim().is_empty() { "(untitled)" } else { &header.title };
    picture.text((MARGIN, 36), &title.fit(name, room), Anchor::Start, title);
    let quiet = Type::plain(13, QUIET);
    let origin = format!(
        "{shows}  ·  pattern {}  ·  seed {}  ·  {} of simulated time  ·  Faultlab {}",
        header.pattern, header.seed, header.duration, header.version
    );
    picture.text((MARGIN, 60), &quiet.fit(&origin, room), Anchor::Start, quiet);
    let Some(cut) = timeline.cut else { return (picture, 80) };
    let look = Type::bold(13, WRONG);
    // Nobody needs more than milliseconds of it, unless the whole run is shorter.
    let nanos = cut.as_nanos();
    let cut = Time::from_nanos(if nanos < 1_000_000 { nanos } else { nanos - nanos % 1_000_000 });
    let note = match trace.left_out {
        0 => format!("The run ended at {cut}: a handler panicked"),
        1 => format!("Trace cut at {cut}: 1 later record is not shown"),
        count => format!("Trace cut at {cut}: {} later records are not shown", grouped(count)),
    };
    picture.text((MARGIN, 80), &look.fit(&note, room), Anchor::Start, look);
    (picture, 100)
}

/// Writes a text in as many lines as it takes. `at` is the beginning of the first line, half-way up. Returns where the
/// next thing may begin.
pub(super) fn paragraph(picture: &mut Picture, at: (i32, i32), text: &str, look: Type, room: i32) -> i32 {
    let ((x, mut y), mut line) = (at, String::new());
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if look.width(&longer) > room && !line.is_empty() {
            picture.text((x, y), &look.fit(&line, room), Anchor::Start, look);
            (y, line) = (y + 19, word.to_owned());
        } else {
            line = longer;
        }
    }
    picture.text((x, y), &look.fit(&line, room), Anchor::Start, look);
    y + 16
}

/// Ends the sheet below `bottom`.
pub(super) fn finish(mut picture: Picture, bottom: i32) -> Picture {
    picture.height = bottom + 20;
    picture
}

/// Lays out a legend in as many lines as it needs, and returns where it ends.
pub(super) fn legend(picture: &mut Picture, top: i32, entries: Vec<(Key, String)>) -> i32 {
    let (mut x, mut y) = (MARGIN, top + 10);
    for (key, text) in entries {
        let text = LEGEND.fit(&text, 300);
        let width = 24 + 6 + LEGEND.width(&text) + 22;
        if x + width > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + 22);
        }
        swatch(picture, Area::new(x, y - 6, x + 24, y + 6), &key);
        picture.text((x + 30, y), &text, Anchor::Start, LEGEND);
        x += width;
    }
    y + 14
}

fn swatch(picture: &mut Picture, area: Area, key: &Key) {
    let (x, y) = area.middle();
    match *key {
        Key::Fill(colour) => picture.fill(area, colour),
        Key::Hatch(ground, stroke) => {
            picture.fill(area, ground);
            picture.hatch(area, stroke);
            picture.frame(area, stroke);
        }
        Key::Stripe => {
            picture.fill(area, WHITE);
            picture.stripe(area, DOWN_STROKE);
            picture.frame(area, AXIS);
        }
        Key::Arrow(colour) => picture.arrow((x, y + 4), 6, colour),
        Key::Cross => picture.cross((x, y), 4, WRONG),
        Key::Ring => {
            picture.dot((x, y), 7, INK);
            picture.dot((x, y), 4, WHITE);
        }
        Key::Line(colour, width) => picture.line((area.left, y), (area.right, y), colour, width),
    }
}

/// The legend's entry for a node that is down.
pub(super) fn down_key() -> (Key, String) {
    (Key::Hatch(DOWN, DOWN_STROKE), "down".into())
}

/// Greys out what lies behind the cut of a trace.
pub(super) fn beyond_the_cut(picture: &mut Picture, area: Area) {
    if area.width() < 2 {
        return;
    }
    picture.fill(area, WHITE);
    picture.hatch(area, Colour(214, 218, 226));
    picture.line((area.left, area.top), (area.left, area.bottom), WRONG, 2);
    let look = Type::bold(12, WRONG);
    let text = "nothing recorded";
    if look.width(text) + 44 <= area.width() {
        let (x, y) = area.middle();
        let half = look.width(text) / 2 + 6;
        picture.fill(Area::new(x - half, y - 10, x + half, y + 10), WHITE);
        picture.text((x, y), text, Anchor::Middle, look);
    }
}
