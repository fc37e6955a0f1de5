//! Gauges: half a ring for the latest value of each curve, between the bounds of the left axis.

use super::axis::{alone, written as number};
use super::canvas::{Area, Canvas, Ring};
use super::color::{BLACK, GREY, GRID};
use super::picture::{Drawn, LABEL, LINE, cells};
use super::spec::Axis;
use super::text::Size;
use std::f64::consts::{PI, TAU};

const CELL_WIDTH: i32 = 180;
/// A half ring from the left over the top to the right: angles begin at the top.
const BEGIN: f64 = TAU - PI / 2.0;

/// Draws them into an area, beside and below each other.
pub(super) fn draw(canvas: &mut Canvas, area: Area, axis: &Axis, drawn: &[Drawn]) {
    let (low, high) = (axis.min.unwrap_or(0.0), axis.max.unwrap_or(1.0));
    for (cell, curve) in cells(area, drawn.len(), CELL_WIDTH).into_iter().zip(drawn) {
        let radius = (cell.width() / 2 - 8).min(cell.height() - LINE - 8).max(4);
        let center = ((cell.left + cell.right) / 2, (cell.top + cell.bottom + radius - LINE) / 2);
        let ring = Ring {
            center: (f64::from(center.0), f64::from(center.1)),
            inner: f64::from(radius) * 0.72,
            outer: f64::from(radius),
        };
        canvas.ring(ring, BEGIN, &[(PI, GRID)]);
        let Some(value) = curve.latest() else { continue };
        let part = ((value - low) / (high - low)).clamp(0.0, 1.0);
        canvas.ring(ring, BEGIN, &[(part * PI, curve.color)]);
        let text = alone(value);
        canvas.text(center.0 - Size::Large.width(&text) / 2, center.1 - 24, Size::Large, &text, BLACK);
        let step = (high - low).abs() / 100.0;
        let ends = [number(low, step), number(high, step)];
        canvas.text(center.0 - radius, center.1 + 3, LABEL, &ends[0], GREY);
        canvas.text(center.0 + radius - LABEL.width(&ends[1]), center.1 + 3, LABEL, &ends[1], GREY);
    }
}
