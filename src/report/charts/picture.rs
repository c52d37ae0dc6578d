//! A picture as a plain list of shapes, at whole pixels, before anything draws it.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::ChartError;
use super::palette::{Colour, HATCH};

/// The name under which the embedded font is registered; SVG files carry it, and every viewer knows it.
pub(super) const FAMILY: FontFamily<'static> = FontFamily::SansSerif;

/// Plotters takes the height of a line for the size of a font and divides by this.
const LINE_HEIGHT: f64 = 1.24;

/// Makes the embedded fonts known to the drawing library, once in a process.
pub(super) fn register_fonts() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let registered = *REGISTERED.get_or_init(|| {
        let regular = include_bytes!("../../../assets/fonts/FaultlabSans.ttf");
        let bold = include_bytes!("../../../assets/fonts/FaultlabSans-Bold.ttf");
        register_font(FAMILY.as_str(), FontStyle::Normal, regular).is_ok()
            && register_font(FAMILY.as_str(), FontStyle::Bold, bold).is_ok()
    });
    if registered { Ok(()) } else { Err(ChartError::Font) }
}

/// A rectangle; the right and lower edges do not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    pub(super) fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }

    pub(super) fn middle(self) -> (i32, i32) {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }
}

/// Which end of a text its position fixes. The position is always half-way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Type {
    /// The em, in pixels.
    pub(super) size: u32,
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

impl Type {
    pub(super) const fn plain(size: u32, colour: Colour) -> Self {
        Self { size, bold: false, colour }
    }

    pub(super) const fn bold(size: u32, colour: Colour) -> Self {
        Self { size, bold: true, colour }
    }

    /// The font as the drawing library names it, `zoom` times as large.
    pub(super) fn font(self, zoom: u32) -> FontDesc<'static> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        FontDesc::new(FAMILY, f64::from(self.size * zoom) * LINE_HEIGHT, style)
    }

    /// How wide a text is.
    pub(super) fn width(self, text: &str) -> i32 {
        // A text that cannot be measured cannot be drawn either, and drawing will say so.
        let width = self.font(1).box_size(text).map_or(0, |(width, _)| width as i32 + 1);
        // Scripts that the embedded font lacks, such as Han, have letters twice as wide as its stand-in.
        let wide = text.chars().filter(|c| *c >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(c)).count();
        width + wide as i32 * (self.size as i32 + 1) / 2
    }

    /// The text, shortened with an ellipsis until it fits; empty if not even one letter would.
    pub(super) fn fit(self, text: &str, room: i32) -> String {
        let text = clean(text);
        if self.width(&text) <= room {
            return text;
        }
        let ends = text.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
        // Widths grow with the text, so the longest prefix that fits is found by halving.
        let fits = |end: &usize| self.width(&format!("{}…", text[..*end].trim_end())) <= room;
        match ends.partition_point(fits) {
            0 | 1 => String::new(),
            count => format!("{}…", text[..ends[count - 1]].trim_end()),
        }
    }
}

/// One thing to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A filled rectangle; opacity in percent.
    Fill { area: Area, colour: Colour, opacity: u8 },
    /// A line through points.
    Path { points: Vec<(i32, i32)>, colour: Colour, width: u32 },
    /// A filled outline.
    Polygon { points: Vec<(i32, i32)>, colour: Colour },
    /// A filled circle.
    Dot { at: (i32, i32), radius: u32, colour: Colour },
    /// A text on one line.
    Text { at: (i32, i32), text: String, anchor: Anchor, look: Type },
}

/// A picture: shapes in the order in which they cover each other, on white.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape>,
}

impl Picture {
    pub(super) fn fill(&mut self, area: Area, colour: Colour) {
        self.veil(area, colour, 100);
    }

    /// Fills with a colour that lets through what lies beneath.
    pub(super) fn veil(&mut self, area: Area, colour: Colour, opacity: u8) {
        if area.left < area.right && area.top < area.bottom {
            self.shapes.push(Shape::Fill { area, colour, opacity });
        }
    }

    pub(super) fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour, width: u32) {
        self.path(vec![from, to], colour, width);
    }

    pub(super) fn path(&mut self, points: Vec<(i32, i32)>, colour: Colour, width: u32) {
        self.shapes.push(Shape::Path { points, colour, width });
    }

    pub(super) fn polygon(&mut self, points: Vec<(i32, i32)>, colour: Colour) {
        self.shapes.push(Shape::Polygon { points, colour });
    }

    pub(super) fn dot(&mut self, at: (i32, i32), radius: u32, colour: Colour) {
        self.shapes.push(Shape::Dot { at, radius, colour });
    }

    /// Writes a text; control characters, which SVG forbids, become visible stand-ins.
    pub(super) fn text(&mut self, at: (i32, i32), text: &str, anchor: Anchor, look: Type) {
        let text = clean(text);
        if !text.is_empty() {
            self.shapes.push(Shape::Text { at, text, anchor, look });
        }
    }

    /// A border of one pixel inside the area.
    pub(super) fn frame(&mut self, area: Area, colour: Colour) {
        let (right, bottom) = (area.right - 1, area.bottom - 1);
        let corners = [(area.left, area.top), (right, area.top), (right, bottom), (area.left, bottom)];
        self.path(corners.into_iter().chain([corners[0]]).collect(), colour, 1);
    }

    /// Slanted strokes: whatever is hatched is broken or lost.
    pub(super) fn hatch(&mut self, area: Area, colour: Colour) {
        let (right, bottom) = (area.right - 1, area.bottom - 1);
        let rise = bottom - area.top;
        let mut points = Vec::new();
        // One path that turns at the edges takes far fewer bytes than a stroke each.
        for (turn, foot) in (area.left - rise + HATCH..right).step_by(HATCH as usize).enumerate() {
            let low = (foot.max(area.left), bottom - (area.left - foot).max(0));
            let high = ((foot + rise).min(right), area.top + (foot + rise - right).max(0));
            points.extend(if turn % 2 == 0 { [low, high] } else { [high, low] });
        }
        if points.len() > 1 {
            self.path(points, colour, 1);
        }
    }

    /// Upright strokes: whatever is striped stands still.
    pub(super) fn stripe(&mut self, area: Area, colour: Colour) {
        let mut points = Vec::new();
        for (turn, x) in (area.left + 2..area.right - 1).step_by(4).enumerate() {
            let (top, bottom) = ((x, area.top), (x, area.bottom - 1));
            points.extend(if turn % 2 == 0 { [top, bottom] } else { [bottom, top] });
        }
        if !points.is_empty() {
            self.path(points, colour, 1);
        }
    }

    /// A triangle that points down at `tip`.
    pub(super) fn arrow(&mut self, tip: (i32, i32), size: i32, colour: Colour) {
        let (x, y) = tip;
        self.polygon(vec![(x - size, y - size - 1), (x + size, y - size - 1), (x, y)], colour);
    }

    /// A slanted cross.
    pub(super) fn cross(&mut self, (x, y): (i32, i32), size: i32, colour: Colour) {
        self.line((x - size, y - size), (x + size, y + size), colour, 2);
        self.line((x - size, y + size), (x + size, y - size), colour, 2);
    }
}

/// The text without what no picture can show.
fn clean(text: &str) -> String {
    let visible = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    text.trim().chars().map(visible).collect()
}
