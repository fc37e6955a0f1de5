//! The picture of a widget: its title and legend, and between them one of the views.

use super::canvas::{Area, Canvas};
use super::color::{self, BLACK, Color, GREY, WHITE};
use super::spec::{View, Widget};
use super::text::Size;
use super::{bars, chart, gauges, legend, numbers, pie};
use crate::math::Line;

pub(super) const MARGIN: i32 = 12;
pub(super) const LABEL: Size = Size::Small;
/// Pixels of a line of labels.
pub(super) const LINE: i32 = 18;

/// A curve and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// The query that it is the result of.
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) line: Line,
}

/// A curve with its looks.
pub(super) struct Drawn {
    pub(super) label: String,
    pub(super) color: Color,
    pub(super) is_right: bool,
    pub(super) line: Line,
}

impl Drawn {
    /// Its last value, which views without time show.
    pub(super) fn latest(&self) -> Option<f64> {
        self.line.points.last().map(|(_, value)| *value)
    }
}

/// The picture as a PNG file.
pub(crate) fn draw(widget: &Widget, curves: Vec<Curve>) -> Vec<u8> {
    let looks = curves.into_iter().enumerate().map(|(place, curve)| looks(widget, place, curve));
    let drawn: Vec<Drawn> = looks.collect();
    let mut canvas = Canvas::new(widget.width, widget.height, WHITE);
    title(&mut canvas, widget);
    if widget.view == View::TimeSeries {
        chart::draw(&mut canvas, widget, drawn);
        return canvas.png();
    }
    let (body, below) = body(widget, &drawn);
    if drawn.iter().all(|curve| curve.latest().is_none()) {
        no_data(&mut canvas, body);
    } else {
        match widget.view {
            View::TimeSeries => {}
            View::SingleValue => numbers::draw(&mut canvas, body, &drawn),
            View::Gauge => gauges::draw(&mut canvas, body, &widget.left, &drawn),
            View::Bar => bars::draw(&mut canvas, body, &widget.left, &drawn),
            View::Pie => pie::draw(&mut canvas, body, &drawn),
        }
    }
    if widget.view.has_legend() {
        legend::draw(&mut canvas, widget, &drawn, body, below);
    }
    canvas.png()
}

fn looks(widget: &Widget, place: usize, curve: Curve) -> Drawn {
    let row = widget.rows.of(&curve.id).map(|(_, row)| row);
    Drawn {
        label: curve.label,
        color: row.and_then(|row| row.color).unwrap_or(color::of_place(place)),
        is_right: row.is_some_and(|row| row.is_right),
        line: curve.line,
    }
}

fn title(canvas: &mut Canvas, widget: &Widget) {
    if let Some(title) = &widget.title {
        let title = Size::Large.cut(title, widget.width - 2 * MARGIN);
        let left = (widget.width - Size::Large.width(&title)) / 2;
        canvas.text(left, MARGIN - 2, Size::Large, &title, BLACK);
    }
}

/// Where the title ends.
pub(super) fn top(widget: &Widget) -> i32 {
    MARGIN + if widget.title.is_some() { 28 } else { 4 }
}

/// What title and legend leave, and where a legend below it begins.
fn body(widget: &Widget, drawn: &[Drawn]) -> (Area, i32) {
    let (below, beside) = match widget.view.has_legend() {
        true => (legend::height(widget, drawn), legend::width(widget)),
        false => (0, 0),
    };
    let top = top(widget);
    let bottom = (widget.height - MARGIN - below).max(top + 20);
    let right = (widget.width - MARGIN - beside).max(MARGIN + 20);
    (Area { left: MARGIN, top, right, bottom }, bottom + 6)
}

/// Says in the middle of an area that there is nothing to be seen.
pub(super) fn no_data(canvas: &mut Canvas, area: Area) {
    let text = "No data in this time range";
    let left = (area.left + area.right - LABEL.width(text)) / 2;
    canvas.text(left, (area.top + area.bottom - LINE) / 2, LABEL, text, GREY);
}

/// Areas of one size for so many things: as many columns as suit the area's form.
pub(super) fn cells(area: Area, count: usize, width: i32) -> Vec<Area> {
    let count = i32::try_from(count.max(1)).unwrap_or(i32::MAX);
    let columns = (area.width() / width).clamp(1, count);
    let rows = (count + columns - 1) / columns;
    let (width, height) = (area.width() / columns, area.height() / rows);
    let cell = |place: i32| {
        let (left, top) = (area.left + place % columns * width, area.top + place / columns * height);
        Area { left, top, right: left + width, bottom: top + height }
    };
    (0..count).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::super::spec::Spec;
    use super::*;

    const NOW: u64 = 1_764_400_000;

    fn curves(count: usize, points: u64) -> Vec<Curve> {
        let value = |place: usize, at: u64| (at as f64 / 9.0 + place as f64).sin() * 40.0;
        let one = |place: usize| Curve {
            id: format!("unnamed_{place}"),
            label: format!("curve {place}"),
            line: Line {
                label: String::new(),
                period: 60,
                points: (0..points).map(|at| (NOW - 10_800 + at * 60, value(place, at))).collect(),
            },
        };
        (0..count).map(one).collect()
    }

    fn size(png: &[u8]) -> (u32, u32) {
        let number = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
        (number(16), number(20))
    }

    fn drawn(settings: &str, curves: Vec<Curve>) -> Vec<u8> {
        let text = format!(r#"{{"metrics": [["a", "b"], ["a", "c", {{"yAxis": "right"}}]], {settings}}}"#);
        let widget = Spec::parse(&text).unwrap().widget(NOW).unwrap();
        let png = draw(&widget, curves);
        assert_eq!(size(&png), (widget.width as u32, widget.height as u32), "{settings}");
        png
    }

    #[test]
    fn any_widget_is_drawn_in_its_size() {
        for (settings, count, points) in [
            (r#""title": "Units""#, 3, 180),
            (r#""width": 60, "height": 60, "title": "much too long for this""#, 40, 180),
            (r#""width": 2000, "height": 60, "legend": {"position": "right"}"#, 40, 1),
            (r#""stacked": true, "yAxis": {"left": {"min": 10, "max": 10}}"#, 3, 180),
            (r#""legend": {"position": "hidden"}, "start": "-P400D""#, 0, 0),
            (
                r#""annotations": {"horizontal": [{"value": 1e300, "fill": "above"}], "vertical": [{"value": "-P9D", "fill": "after"}]}"#,
                1,
                9,
            ),
        ] {
            drawn(settings, curves(count, points));
        }
    }

    #[test]
    fn every_view_is_drawn_whatever_the_values() {
        let bounds = r#""yAxis": {"left": {"min": -10, "max": 100}}"#;
        for view in ["singleValue", "gauge", "bar", "pie"] {
            for size in ["60", "400", "2000"] {
                for (count, points) in [(0, 0), (1, 1), (2, 0), (3, 180), (500, 3)] {
                    let settings = format!(r#""view": "{view}", {bounds}, "width": {size}, "height": 300"#);
                    drawn(&settings, curves(count, points));
                }
            }
            let mut odd = curves(3, 2);
            for (curve, value) in odd.iter_mut().zip([f64::MAX, f64::MIN, 0.0]) {
                curve.line.points.iter_mut().for_each(|point| point.1 = value);
            }
            drawn(&format!(r#""view": "{view}", {bounds}, "title": "odd""#), odd);
        }
    }

    #[test]
    fn a_view_shows_the_latest_values() {
        let with = |latest: f64| {
            let mut curves = curves(2, 5);
            curves[0].line.points[4].1 = latest;
            curves
        };
        let bounds = r#""yAxis": {"left": {"min": 0, "max": 100}}"#;
        for view in ["singleValue", "gauge", "bar", "pie"] {
            let settings = format!(r#""view": "{view}", {bounds}"#);
            let png = |latest| drawn(&settings, with(latest));
            assert!(png(20.0) == png(20.0) && png(20.0) != png(60.0), "{view}");
        }
    }

    #[test]
    fn cells_fill_their_area() {
        let area = Area { left: 10, top: 10, right: 110, bottom: 60 };
        let places =
            |count| cells(area, count, 50).iter().map(|cell| (cell.left, cell.top)).collect::<Vec<_>>();
        assert_eq!(places(1), [(10, 10)]);
        assert_eq!(places(3), [(10, 10), (60, 10), (10, 35)]);
        assert_eq!(cells(area, 1, 500), [area]);
    }
}
