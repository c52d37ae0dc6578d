//! From a list of shapes to the bytes of a file.

use std::fmt::Display;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::palette::Colour;
use super::picture::{Anchor, Picture, Shape, Type};
use super::{ChartError, Format};

/// Pixels of a bitmap for each unit of the picture: small texts stay sharp on fine screens.
const ZOOM: i32 = 2;

/// Draws the picture.
pub(super) fn render(chart: &'static str, picture: &Picture, format: Format) -> Result<Vec<u8>, ChartError> {
    let failed = |reason: String| ChartError::Draw { chart, reason };
    let (width, height) = (picture.width as u32, picture.height as u32);
    match format {
        Format::Svg => {
            let mut svg = String::new();
            let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
            shapes(&root, picture, 1).map_err(failed)?;
            drop(root);
            Ok(svg.into_bytes())
        }
        Format::Png => {
            let (width, height) = (width * ZOOM as u32, height * ZOOM as u32);
            let mut pixels = vec![0; width as usize * height as usize * 3];
            let root = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
            shapes(&root, picture, ZOOM).map_err(failed)?;
            drop(root);
            png(&pixels, width, height).map_err(|error| failed(error.to_string()))
        }
    }
}

fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn shapes<B: DrawingBackend>(root: &DrawingArea<B, Shift>, picture: &Picture, zoom: i32) -> Result<(), String> {
    root.fill(&WHITE).map_err(text_of)?;
    for shape in &picture.shapes {
        draw(root, shape, zoom)?;
    }
    root.present().map_err(text_of)
}

fn draw<B: DrawingBackend>(root: &DrawingArea<B, Shift>, shape: &Shape, zoom: i32) -> Result<(), String> {
    let grown = |(x, y): (i32, i32)| (x * zoom, y * zoom);
    let drawn = match shape {
        Shape::Fill { area, colour, opacity } => {
            // Bitmaps count both corners as inside, SVG files only the first.
            let inner = i32::from(zoom != 1);
            let corners = [grown((area.left, area.top)), (area.right * zoom - inner, area.bottom * zoom - inner)];
            let style = rgb(*colour).mix(f64::from(*opacity) / 100.0).filled();
            root.draw(&Rectangle::new(corners, style))
        }
        Shape::Path { points, colour, width } => {
            let style = rgb(*colour).stroke_width(width * zoom as u32);
            if zoom == 1 {
                root.draw(&PathElement::new(points.clone(), style))
            } else {
                // Drawn as one path, sharp turns of a bitmap's thick line would get long spikes.
                let mut strokes = points.windows(2);
                strokes.try_for_each(|ends| root.draw(&PathElement::new([grown(ends[0]), grown(ends[1])], style)))
            }
        }
        Shape::Polygon { points, colour } => {
            let points = points.iter().copied().map(grown).collect::<Vec<_>>();
            root.draw(&Polygon::new(points, rgb(*colour).filled()))
        }
        Shape::Dot { at, radius, colour } => {
            root.draw(&Circle::new(grown(*at), radius * zoom as u32, rgb(*colour).filled()))
        }
        Shape::Text { at, text, anchor, look } => {
            let (x, y) = grown(*at);
            // Bitmaps centre the line's height and not its letters, which then hang a fifth of the em too high.
            let y = if zoom == 1 { y } else { y + look.size as i32 * zoom / 5 };
            root.draw_text(text, &style(*look, *anchor, zoom), (x, y))
        }
    };
    drawn.map_err(text_of)
}

fn style(look: Type, anchor: Anchor, zoom: i32) -> TextStyle<'static> {
    let across = match anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    TextStyle {
        font: look.font(zoom as u32),
        color: rgb(look.colour).to_backend_color(),
        pos: Pos::new(across, VPos::Center),
    }
}

fn rgb(Colour(red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

fn text_of(error: impl Display) -> String {
    error.to_string()
}
