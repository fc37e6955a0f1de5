//! Numbers: the latest value of each curve, with its name below.

use super::axis::alone;
use super::canvas::{Area, Canvas};
use super::color::{BLACK, GREY};
use super::picture::{Drawn, LABEL, LINE, cells};
use super::text::Size;

const CELL_WIDTH: i32 = 160;
const SQUARE: i32 = 10;

/// Draws them into an area, beside and below each other.
pub(super) fn draw(canvas: &mut Canvas, area: Area, drawn: &[Drawn]) {
    for (cell, curve) in cells(area, drawn.len(), CELL_WIDTH).into_iter().zip(drawn) {
        let text = curve.latest().map_or("--".to_owned(), alone);
        let name = LABEL.cut(&curve.label, cell.width() - SQUARE - 10);
        let middle = (cell.top + cell.bottom) / 2;
        let left = (cell.left + cell.right - Size::Large.width(&text)) / 2;
        canvas.text(left, middle - Size::Large.height(), Size::Large, &text, BLACK);
        let left = (cell.left + cell.right - LABEL.width(&name) - SQUARE - 5) / 2;
        let square = Area { left, right: left + SQUARE, top: middle + 6, bottom: middle + 6 + SQUARE };
        canvas.fill(square, curve.color, 255);
        canvas.text(left + SQUARE + 5, middle + 6 + (SQUARE - LINE) / 2, LABEL, &name, GREY);
    }
}
