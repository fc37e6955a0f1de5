//! A pie: the part that the latest value of each curve is of all of them. Values below nothing have none.

use super::canvas::{Area, Canvas, Ring};
use super::color::{GRID, WHITE};
use super::picture::{Drawn, LABEL};
use std::f64::consts::TAU;

/// Parts smaller than this have no text.
const NAMED_PART_MIN: f64 = 0.04;

/// Draws it into an area.
pub(super) fn draw(canvas: &mut Canvas, area: Area, drawn: &[Drawn]) {
    let center = (f64::from(area.left + area.right) / 2.0, f64::from(area.top + area.bottom) / 2.0);
    let radius = f64::from(area.width().min(area.height())) / 2.0 - 2.0;
    let ring = Ring { center, inner: 0.0, outer: radius };
    let greatest = drawn.iter().filter_map(part).fold(0.0, f64::max);
    if greatest <= 0.0 {
        canvas.ring(ring, 0.0, &[(TAU, GRID)]);
        return;
    }
    // Divided first: the sum of the greatest numbers is none.
    let sum: f64 = drawn.iter().filter_map(part).map(|value| value / greatest).sum();
    let (mut from, mut parts, mut texts) = (0.0, Vec::new(), Vec::new());
    for curve in drawn {
        let share = part(curve).map_or(0.0, |value| value / greatest / sum);
        if share >= NAMED_PART_MIN {
            texts.push((from + share / 2.0, format!("{:.1}%", share * 100.0)));
        }
        from += share;
        parts.push((from * TAU, curve.color));
    }
    if let Some((end, _)) = parts.last_mut() {
        *end = TAU; // the sum of the parts may be a little less
    }
    canvas.ring(ring, 0.0, &parts);
    for (at, text) in texts {
        let (x, y) = ring.point(at * TAU, radius * 0.7);
        let (left, top) = (x as i32 - LABEL.width(&text) / 2, y as i32 - LABEL.height() / 2);
        canvas.text(left, top, LABEL, &text, WHITE);
    }
}

fn part(curve: &Drawn) -> Option<f64> {
    curve.latest().filter(|value| value.is_finite() && *value > 0.0)
}
