//! The legend: the names of curves beside their colours, below a picture or at its right.

use super::canvas::{Area, Canvas};
use super::color::BLACK;
use super::picture::{Drawn, LABEL, LINE, MARGIN};
use super::spec::{Legend, Widget};

/// Pixels of a square of colour, and of the space behind it.
const SQUARE: i32 = 10;
const NAME_AT: i32 = SQUARE + 5;
/// Between one name and the next square.
const GAP: i32 = 16;

/// Pixels that it takes below a picture.
pub(super) fn height(widget: &Widget, drawn: &[Drawn]) -> i32 {
    match widget.legend {
        Legend::Bottom => entries(drawn, widget.width - 2 * MARGIN, widget.height / 3).1 + 6,
        Legend::Right | Legend::Hidden => 0,
    }
}

/// Pixels that it takes at the right of a picture.
pub(super) fn width(widget: &Widget) -> i32 {
    if widget.legend == Legend::Right { widget.width / 3 } else { 0 }
}

/// Draws it beside what is in an area, or from `below` on.
pub(super) fn draw(canvas: &mut Canvas, widget: &Widget, drawn: &[Drawn], beside: Area, below: i32) {
    let end = widget.width - MARGIN;
    let (left, top, room) = match widget.legend {
        Legend::Hidden => return,
        Legend::Right => (widget.width - width(widget) + 8, beside.top, beside.height()),
        Legend::Bottom => (MARGIN, below, widget.height / 3),
    };
    for ((x, y, text), curve) in entries(drawn, end - left, room).0.into_iter().zip(drawn) {
        let (x, y) = (x + left, y + top);
        canvas.fill(
            Area { left: x, right: x + SQUARE, top: y + 4, bottom: y + 4 + SQUARE },
            curve.color,
            255,
        );
        canvas.text(x + NAME_AT, y, LABEL, &text, BLACK);
    }
}

/// Where each name is, and how high all of them are. What there is no room for is left out.
fn entries(drawn: &[Drawn], width: i32, room: i32) -> (Vec<(i32, i32, String)>, i32) {
    let (mut x, mut y, mut placed) = (0, 0, Vec::new());
    for curve in drawn {
        let text = LABEL.cut(&curve.label, width - NAME_AT - 5);
        let own = LABEL.width(&text) + NAME_AT + GAP;
        if x > 0 && x + own > width {
            (x, y) = (0, y + LINE);
        }
        if y + LINE > room {
            break;
        }
        placed.push((x, y, text));
        x += own;
    }
    let height = placed.last().map_or(0, |(_, y, _)| y + LINE);
    (placed, height)
}
