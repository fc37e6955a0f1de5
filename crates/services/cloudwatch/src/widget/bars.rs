//! Bars from the left to the right, one for the latest value of each curve.

use super::axis::{Values, alone};
use super::canvas::{Area, Canvas};
use super::color::{BLACK, GREY, GRID};
use super::picture::{Drawn, LABEL, LINE};
use super::spec::Axis;

/// Between two ticks at least.
const TICK_WIDTH: i32 = 76;
/// Of 16 parts of the room of a bar, those that are bar.
const BAR_PARTS: i32 = 11;
const BAR_HEIGHT_MAX: i32 = 60;

/// Draws them into an area.
pub(super) fn draw(canvas: &mut Canvas, area: Area, axis: &Axis, drawn: &[Drawn]) {
    let plot = Area { bottom: (area.bottom - LINE).max(area.top + 10), right: area.right - 8, ..area };
    let latest = drawn.iter().filter_map(Drawn::latest).filter(|value| value.is_finite());
    // A bar begins at nothing.
    let range = latest.fold((0.0, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    let values = Values::of(range, (axis.min, axis.max), (plot.width() / TICK_WIDTH).max(2));
    let x = |value: f64| plot.left + (values.part(value).clamp(0.0, 1.0) * f64::from(plot.width())) as i32;
    for (value, text) in values.ticks() {
        let at = x(value);
        canvas.fill(Area { left: at, right: at + 1, ..plot }, GRID, 255);
        let left = (at - LABEL.width(&text) / 2).min(area.right - LABEL.width(&text));
        canvas.text(left, plot.bottom + 3, LABEL, &text, GREY);
    }
    let room = f64::from(plot.height()) / drawn.len() as f64;
    for (place, curve) in drawn.iter().enumerate() {
        let Some(value) = curve.latest() else { continue };
        let middle = plot.top + ((place as f64 + 0.5) * room) as i32;
        let half = (room as i32 * BAR_PARTS / 32).clamp(0, BAR_HEIGHT_MAX / 2);
        let (from, to) = (x(0.0).min(x(value)), x(0.0).max(x(value)));
        let bar = Area { left: from, right: to.max(from + 1), top: middle - half, bottom: middle + half + 1 };
        canvas.fill(bar, curve.color, 255);
        if room as i32 > LINE {
            let text = alone(value);
            let left = (bar.right + 5).min(plot.right - LABEL.width(&text) - 4).max(plot.left);
            canvas.text(left, middle - LABEL.height() / 2, LABEL, &text, BLACK);
        }
    }
}
