//! Pictures of a run.
//!
//! Three of them, each answering one question: `timeline` (who was what, and what was broken meanwhile), `performance`
//! (what did the clients notice) and `messages` (what became of what was sent).
//!
//! A chart is first composed as a `Picture`, a plain list of shapes at whole pixels, and only then handed to
//! a drawing library. Composing is therefore the same for every format, and the tests can ask of the list what they
//! could never ask of pixels: whether two texts overlap, and whether everything lies on the sheet.
//!
//! The pictures must be readable without colour. Colours differ in lightness, whatever is bad is hatched as well, and
//! segments carry their name where it fits. They must also stay readable when a run is not: names are shortened,
//! labels are left out when there is no room for them, and bars thinner than a pixel are merged.
//!
//! Nothing depends on the fonts of the machine: texts are measured with an embedded font, which the bitmaps also show.
//! SVG files ask for the viewer's own `sans-serif`, which is rarely wider. Letters outside Latin, Greek and the usual
//! signs appear as boxes in bitmaps; in SVG files they do not.

mod bands;
mod circle;
mod curves;
mod faults;
mod lanes;
mod messages;
mod palette;
mod performance;
mod picture;
mod render;
mod scale;
mod sheet;
mod sweep;
#[cfg(test)]
mod tests;

pub use curves::{Curve, Curves};
pub use sweep::{Rate, Rates, Spread, Spreads};

use crate::check::story::Picture as Found;
use crate::engine::trace::Trace;
use crate::report::timeline::Timeline;

/// What a chart is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text that scales, for pages.
    Svg,
    /// Pixels, two for each unit of the SVG, for everything else.
    Png,
}

impl Format {
    /// The ending of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its name, which is the file's name without the ending.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A picture could not be drawn. No trace leads here; only a broken drawing library or a machine without memory can.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused.
    #[error("the picture `{chart}` could not be drawn: {reason}")]
    Draw {
        /// Which picture.
        chart: &'static str,
        /// What the library said.
        reason: String,
    },
    /// The embedded font could not be read.
    #[error("the embedded font could not be read")]
    Font,
}

/// Draws every picture of a run.
pub fn draw(trace: &Trace, format: Format) -> Result<Vec<Chart>, ChartError> {
    picture::register_fonts()?;
    let pictures = compose(trace);
    let render = |(name, picture): &(&'static str, picture::Picture)| {
        Ok(Chart { name, bytes: render::render(name, picture, format)? })
    };
    pictures.iter().map(render).collect()
}

/// Draws a violation that a judge of histories found.
pub fn draw_violation(found: &Found, format: Format) -> Result<Chart, ChartError> {
    picture::register_fonts()?;
    Ok(Chart { name: "violation", bytes: render::render("violation", &compose_violation(found), format)? })
}

fn compose_violation(found: &Found) -> picture::Picture {
    match found {
        Found::Lanes(story) => lanes::compose(story),
        Found::Circle(circle) => circle::compose(circle),
    }
}

/// Draws distributions.
pub fn draw_curves(curves: &Curves, format: Format) -> Result<Chart, ChartError> {
    picture::register_fonts()?;
    Ok(Chart { name: "curves", bytes: render::render("curves", &curves::compose(curves), format)? })
}

/// Draws how often several things happen.
pub fn draw_rates(rates: &Rates, format: Format) -> Result<Chart, ChartError> {
    picture::register_fonts()?;
    Ok(Chart { name: "rates", bytes: render::render("rates", &sweep::compose_rates(rates), format)? })
}

/// Draws how several measures are spread.
pub fn draw_spreads(spreads: &Spreads, format: Format) -> Result<Chart, ChartError> {
    picture::register_fonts()?;
    Ok(Chart { name: "spreads", bytes: render::render("spreads", &sweep::compose_spreads(spreads), format)? })
}

/// Every picture of a run by its name, not yet drawn.
fn compose(trace: &Trace) -> [(&'static str, picture::Picture); 3] {
    let timeline = Timeline::of(trace);
    [
        ("timeline", bands::compose(trace, &timeline)),
        ("performance", performance::compose(trace, &timeline)),
        ("messages", messages::compose(trace, &timeline)),
    ]
}
