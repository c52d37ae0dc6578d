//! The chart `messages`: what became of what was sent, by kind.
//!
//! Lengths count copies, because the network may deliver a message twice and lose the one while keeping the other.

use crate::engine::trace::Trace;
use crate::report::timeline::{MessageCount, Timeline};

use super::palette::{Colour, INK, QUIET, WHITE};
use super::picture::{Anchor, Area, Picture, Type};
use super::scale::{Lengths, grouped};
use super::sheet::{self, Key, MARGIN, WIDTH};

/// More kinds than this are added up as one.
const KINDS: usize = 30;
const ROW: i32 = 40;
const NAME: Type = Type::bold(13, INK);
const NUMBER: Type = Type::plain(12, INK);

/// Something that can become of a copy: its name, the bar's colour, whether it is hatched, and how to count it.
type Fate = (&'static str, Colour, bool, fn(&MessageCount) -> u64);

const FATES: [Fate; 11] = [
    ("handled", Colour(122, 200, 164), false, |count| count.handled.saturating_sub(count.duplicated)),
    ("handled again", Colour(40, 120, 90), false, |count| count.duplicated.min(count.handled)),
    ("never handled", Colour(226, 229, 234), false, MessageCount::unhandled),
    ("lost", Colour(213, 94, 0), false, |count| count.lost),
    ("cut by a partition", Colour(236, 200, 150), true, |count| count.cut),
    ("dropped by a fault", Colour(240, 150, 170), true, |count| count.picked),
    ("corrupted", Colour(178, 34, 120), false, |count| count.corrupted),
    ("queue of the link full", Colour(120, 160, 210), true, |count| count.overflowed),
    ("receiver down", Colour(110, 110, 110), true, |count| count.met_down),
    ("inbox full", Colour(222, 200, 40), false, |count| count.met_full),
    ("too many in flight", Colour(91, 42, 134), false, |count| count.capped),
];

/// Composes the chart.
pub(super) fn compose(trace: &Trace, timeline: &Timeline) -> Picture {
    let (mut picture, top) = sheet::begin(trace, timeline, "what became of messages");
    let rows = rows(timeline);
    let seen = FATES.into_iter().filter(|(_, _, _, count)| rows.iter().any(|(_, row)| count(row) > 0));
    let keys = seen.map(|(name, colour, hatched, _)| {
        (if hatched { Key::Hatch(colour, INK) } else { Key::Fill(colour) }, name.to_owned())
    });
    let top = sheet::legend(&mut picture, top, keys.collect()) + 10;
    if rows.is_empty() {
        picture.text((WIDTH / 2, top + 40), "no message was seen", Anchor::Middle, Type::plain(14, QUIET));
        return sheet::finish(picture, top + 80);
    }
    let longest = rows.iter().map(|(_, row)| copies(row)).max().unwrap_or(0);
    let name_room = rows.iter().map(|(name, _)| NAME.width(name)).max().unwrap_or(0).min(220);
    let lengths = Lengths::new(MARGIN + name_room + 12, 700, longest);
    let bottom = top + rows.len() as i32 * ROW;
    lengths.grid(&mut picture, top, bottom);
    for (place, (name, row)) in rows.iter().enumerate() {
        let y = top + place as i32 * ROW;
        picture.text((lengths.left - 10, y + ROW / 2), &NAME.fit(name, name_room), Anchor::End, NAME);
        draw_bar(&mut picture, &lengths, row, Area::new(lengths.left, y + 8, lengths.right, y + ROW - 8));
        let lines = wrapped(&summary(row), WIDTH - MARGIN - lengths.right - 32);
        let first = y + ROW / 2 - 8 * (lines.len() as i32 - 1);
        for (place, line) in lines.iter().enumerate() {
            picture.text((lengths.right + 32, first + 16 * place as i32), line, Anchor::Start, NUMBER);
        }
    }
    let title = "copies of messages (a message that the network duplicates counts twice)";
    picture.text((lengths.left, bottom + 34), title, Anchor::Start, Type::plain(12, QUIET));
    sheet::finish(picture, bottom + 44)
}

/// The kinds to show, the rest added up.
fn rows(timeline: &Timeline) -> Vec<(String, MessageCount)> {
    let (shown, rest) = timeline.messages.split_at(timeline.messages.len().min(KINDS));
    let mut rows = shown.iter().map(|count| (count.kind.to_owned(), *count)).collect::<Vec<_>>();
    if !rest.is_empty() {
        let sum = rest.iter().fold(MessageCount::default(), |sum, other| MessageCount {
            kind: "",
            sent: sum.sent + other.sent,
            duplicated: sum.duplicated + other.duplicated,
            lost: sum.lost + other.lost,
            cut: sum.cut + other.cut,
            capped: sum.capped + other.capped,
            picked: sum.picked + other.picked,
            corrupted: sum.corrupted + other.corrupted,
            overflowed: sum.overflowed + other.overflowed,
            handled: sum.handled + other.handled,
            met_down: sum.met_down + other.met_down,
            met_full: sum.met_full + other.met_full,
        });
        rows.push((format!("{} other kinds", rest.len()), sum));
    }
    rows
}

fn copies(row: &MessageCount) -> u64 {
    FATES.iter().map(|(_, _, _, count)| count(row)).sum()
}

fn draw_bar(picture: &mut Picture, lengths: &Lengths, row: &MessageCount, bar: Area) {
    let mut sum = 0;
    for (_, colour, hatched, count) in FATES {
        let amount = count(row);
        if amount == 0 {
            continue;
        }
        let left = lengths.x(sum);
        sum += amount;
        // Even one lost message is worth a pixel.
        let area = Area { left, right: lengths.x(sum).max(left + 1), ..bar };
        picture.fill(area, colour);
        if hatched && area.width() > 4 {
            picture.hatch(area, INK);
        }
        let number = grouped(amount);
        let look = Type::plain(12, colour.ink());
        if look.width(&number) + 10 <= area.width() {
            let (x, y) = area.middle();
            if hatched {
                let half = look.width(&number) / 2 + 3;
                picture.fill(Area::new(x - half, y - 8, x + half, y + 8), WHITE);
                picture.text((x, y), &number, Anchor::Middle, NUMBER);
            } else {
                picture.text((x, y), &number, Anchor::Middle, look);
            }
        }
    }
}

/// The text on one line or two.
fn wrapped(parts: &[String], room: i32) -> Vec<String> {
    let mut fitting = parts.len();
    while fitting > 1 && NUMBER.width(&(parts[..fitting].join(", ") + ",")) > room {
        fitting -= 1;
    }
    let (first, rest) = parts.split_at(fitting);
    if rest.is_empty() {
        return vec![first.join(", ")];
    }
    vec![first.join(", ") + ",", NUMBER.fit(&rest.join(", "), room)]
}

/// The row in words: what was sent, then whatever did not simply arrive.
fn summary(row: &MessageCount) -> Vec<String> {
    let mut parts = vec![format!("{} sent", grouped(row.sent))];
    let fates = FATES.into_iter().skip(1).map(|(name, _, _, count)| (name, count(row)));
    parts.extend(fates.filter(|(_, amount)| *amount > 0).map(|(name, amount)| format!("{} {name}", grouped(amount))));
    parts
}
