//! Transactions that contradict each other: a card for each, and between two cards why the upper came before the lower.
//!
//! A cycle is drawn from top to bottom; the last arrow goes back up at the left edge and carries its reason at the
//! bottom. Every text has lines of its own, so nothing overlaps however long a transaction is.

use super::palette::{GROUND, INK, QUIET, WRONG};
use super::picture::{Anchor, Area, Picture, Type};
use super::sheet::{MARGIN, WIDTH, finish, paragraph};
use crate::check::story::{Card, Circle};

/// A longer cycle than this is cut: nobody reads it, and a picture has an end.
const MOST_CARDS: usize = 40;
const TEXT: Type = Type::plain(13, INK);
const LINE: i32 = 19;
/// Where the cards begin: left of them goes the arrow back.
const LEFT: i32 = MARGIN + 34;
const RIGHT: i32 = WIDTH - MARGIN;

/// The picture of a contradiction.
pub(super) fn compose(circle: &Circle) -> Picture {
    let mut picture = Picture { width: WIDTH, height: 0, shapes: Vec::new() };
    let room = WIDTH - 2 * MARGIN;
    let title = Type::bold(20, INK);
    picture.text((MARGIN, 36), &title.fit(&circle.title, room), Anchor::Start, title);
    let mut y = paragraph(&mut picture, (MARGIN, 62), &circle.meaning, TEXT, room) + 14;
    let is_cycle = !circle.links.is_empty();
    let (mut first, mut last) = (None, y);
    for (place, shown) in circle.cards.iter().take(MOST_CARDS).enumerate() {
        let area = card(&mut picture, y, shown);
        let middle = (area.top + area.bottom) / 2;
        (first, last) = (first.or(Some(middle)), middle);
        y = area.bottom + 12;
        if let Some(link) = circle.links.get(place).filter(|_| place + 1 < circle.cards.len()) {
            y = arrow_down(&mut picture, area.bottom, link);
        }
    }
    if circle.cards.len() > MOST_CARDS {
        let rest = format!("and {} more", circle.cards.len() - MOST_CARDS);
        picture.text((LEFT + 14, y + 6), &rest, Anchor::Start, Type::plain(13, QUIET));
        y += LINE + 12;
    }
    if let (true, Some(first), Some((word, reason))) = (is_cycle, first, circle.links.last()) {
        y = arrow_back(&mut picture, (first, last), y, (word, reason));
    }
    let bottom = paragraph(&mut picture, (MARGIN, y + 16), &circle.closing, Type::bold(13, WRONG), room);
    finish(picture, bottom)
}

/// A transaction in its frame. Returns where it lies.
fn card(picture: &mut Picture, top: i32, card: &Card) -> Area {
    let (name, about) = (Type::bold(14, INK), Type::plain(12, QUIET));
    // What lies under the texts must be there before them, and they decide how much it is.
    let mut texts = Picture { width: 0, height: 0, shapes: Vec::new() };
    texts.text((LEFT + 14, top + 18), &card.name, Anchor::Start, name);
    let beside = LEFT + 14 + name.width(&card.name) + 14;
    texts.text((beside, top + 18), &about.fit(&card.about, RIGHT - beside - 14), Anchor::Start, about);
    let bottom = paragraph(&mut texts, (LEFT + 14, top + 42), &card.text, TEXT, RIGHT - LEFT - 28);
    let area = Area::new(LEFT, top, RIGHT, bottom);
    picture.fill(area, GROUND);
    picture.frame(area, QUIET);
    picture.shapes.append(&mut texts.shapes);
    area
}

/// An arrow to the next card, with its reason beside it. Returns where that card may begin.
fn arrow_down(picture: &mut Picture, top: i32, (word, reason): &(String, String)) -> i32 {
    let x = LEFT + 40;
    let look = Type::bold(13, WRONG);
    picture.text((x + 18, top + 20), word, Anchor::Start, look);
    let beside = x + 18 + look.width("realtime") + 12;
    let bottom = paragraph(picture, (beside, top + 20), reason, TEXT, RIGHT - beside);
    picture.line((x, top), (x, bottom), WRONG, 2);
    picture.arrow((x, bottom + 2), 6, WRONG);
    bottom + 4
}

/// The arrow from the last card back to the first. Returns where it ends.
fn arrow_back(picture: &mut Picture, (first, last): (i32, i32), y: i32, (word, reason): (&str, &str)) -> i32 {
    let x = MARGIN + 8;
    picture.path(vec![(LEFT, last), (x, last), (x, first), (LEFT - 6, first)], WRONG, 2);
    picture.polygon(vec![(LEFT - 8, first - 6), (LEFT - 8, first + 6), (LEFT, first)], WRONG);
    let look = Type::bold(13, WRONG);
    let text = format!("{word}, back to the first");
    picture.text((LEFT, y + 8), &text, Anchor::Start, look);
    let beside = LEFT + look.width(&text) + 14;
    paragraph(picture, (beside, y + 8), reason, TEXT, RIGHT - beside)
}
