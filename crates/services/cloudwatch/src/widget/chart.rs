//! Curves over time: axes, curves, annotations.

use super::axis::{Values, are_days, time_step, written as number};
use super::canvas::{Area, Canvas};
use super::color::{self, Color, GREY, GRID, WHITE};
use super::legend;
use super::picture::{self, Drawn, LABEL, LINE, MARGIN, no_data};
use super::spec::{Axis, Fill, Widget};
use super::time;
use crate::math::Line;
use std::collections::BTreeMap;

/// Between two ticks at least.
const TICK_HEIGHT: i32 = 40;
const TICK_WIDTH: i32 = 76;
const THICKNESS: f32 = 1.8;
const DOT: f32 = 2.2;
/// How opaque areas are that say something of themselves.
const TINT: u8 = 28;
const STACK: u8 = 110;
/// Every curve of a stack has a point wherever one of them has.
const STACKED_POINTS_MAX: usize = 4_000_000;

/// Where things are.
struct Layout<'w> {
    widget: &'w Widget,
    plot: Area,
    left: Values,
    right: Option<Values>,
}

/// Draws it below the title.
pub(super) fn draw(canvas: &mut Canvas, widget: &Widget, mut drawn: Vec<Drawn>) {
    if widget.is_stacked {
        stack(&mut drawn);
    }
    let layout = Layout::of(widget, &drawn);
    layout.labels(canvas);
    layout.axes(canvas);
    layout.tints(canvas);
    // The highest of a stack first, so that each is seen above the one below.
    for curve in drawn.iter().rev() {
        layout.curve(canvas, curve);
    }
    layout.marks(canvas);
    if drawn.iter().all(|curve| curve.line.points.is_empty()) {
        no_data(canvas, layout.plot);
    }
    legend::draw(canvas, widget, &drawn, layout.plot, layout.plot.bottom + LINE + 12);
}

/// Each curve on top of those before it; where one has no point it counts as nothing. Curves that have too many points
/// are left as they are.
fn stack(drawn: &mut [Drawn]) {
    let times = drawn.iter().flat_map(|curve| curve.line.points.iter().map(|(at, _)| (*at, 0.0)));
    let mut sums: BTreeMap<u64, f64> = times.collect();
    if sums.len() * drawn.len() > STACKED_POINTS_MAX {
        return;
    }
    for curve in drawn {
        for (at, value) in &curve.line.points {
            *sums.entry(*at).or_default() += value;
        }
        if !curve.line.points.is_empty() {
            curve.line.points = sums.iter().map(|(at, sum)| (*at, *sum)).collect();
        }
    }
}

impl<'w> Layout<'w> {
    fn of(widget: &'w Widget, drawn: &[Drawn]) -> Self {
        let has_right = drawn.iter().any(|curve| curve.is_right);
        let has_labels = widget.left.label.is_some() || has_right && widget.right.label.is_some();
        let top = picture::top(widget) + if has_labels { LINE } else { 0 };
        let bottom = widget.height - MARGIN - LINE - 4 - legend::height(widget, drawn);
        let bottom = bottom.max(top + 20);
        let ticks = (bottom - top) / TICK_HEIGHT;
        let left = values(widget, &widget.left, drawn, false, ticks);
        let right = has_right.then(|| values(widget, &widget.right, drawn, true, ticks));
        let room =
            |values: &Values| values.ticks().iter().map(|(_, text)| LABEL.width(text)).max().unwrap_or(0) + 8;
        let from = (MARGIN + room(&left)).min(widget.width / 2);
        let to = widget.width - MARGIN - legend::width(widget) - right.as_ref().map_or(0, room);
        let plot = Area { left: from, top, right: to.max(from + 20), bottom };
        Layout { widget, plot, left, right }
    }

    fn labels(&self, canvas: &mut Canvas) {
        let half = self.plot.width() / 2;
        if let Some(label) = &self.widget.left.label {
            canvas.text(MARGIN, self.plot.top - LINE - 6, LABEL, &LABEL.cut(label, half), GREY);
        }
        if let (Some(label), Some(_)) = (&self.widget.right.label, self.right) {
            let label = LABEL.cut(label, half);
            let at = self.widget.width - MARGIN - LABEL.width(&label);
            canvas.text(at, self.plot.top - LINE - 6, LABEL, &label, GREY);
        }
    }

    fn axes(&self, canvas: &mut Canvas) {
        let plot = self.plot;
        for (value, text) in self.left.ticks() {
            let y = self.y(&self.left, value) as i32;
            canvas.fill(Area { top: y, bottom: y + 1, ..plot }, GRID, 255);
            canvas.text(plot.left - 6 - LABEL.width(&text), y - LABEL.height() / 2, LABEL, &text, GREY);
        }
        for (value, text) in self.right.iter().flat_map(Values::ticks) {
            let y = self.right.map_or(0.0, |right| self.y(&right, value)) as i32;
            canvas.text(plot.right + 6, y - LABEL.height() / 2, LABEL, &text, GREY);
        }
        let (start, end) = (self.widget.span.start as i64, self.widget.span.end as i64);
        let step = time_step((end - start) as u64, plot.width() / TICK_WIDTH);
        let zone = self.widget.zone_seconds;
        let first = (start + zone).div_euclid(step as i64) + 1;
        for at in (first..).map(|place| place * step as i64).take_while(|at| *at <= end + zone) {
            let x = self.x((at - zone) as f64) as i32;
            canvas.fill(Area { left: x, right: x + 1, top: plot.bottom, bottom: plot.bottom + 5 }, GREY, 255);
            let text = time::written(at, are_days(step));
            canvas.text(x - LABEL.width(&text) / 2, plot.bottom + 6, LABEL, &text, GREY);
        }
        canvas.fill(Area { top: plot.bottom, bottom: plot.bottom + 1, ..plot }, GREY, 255);
    }

    /// The coloured sides of annotations.
    fn tints(&self, canvas: &mut Canvas) {
        let plot = self.plot;
        for level in &self.widget.horizontal {
            let y = self.y(self.axis(level.is_right), level.value) as i32;
            let y = y.clamp(plot.top, plot.bottom);
            let area = match level.fill {
                Some(Fill::Above) => Area { bottom: y, ..plot },
                Some(Fill::Below) => Area { top: y, ..plot },
                _ => continue,
            };
            canvas.fill(area, level.color.unwrap_or(MARK), TINT);
        }
        for moment in &self.widget.vertical {
            let x = (self.x(moment.seconds as f64) as i32).clamp(plot.left, plot.right);
            let area = match moment.fill {
                Some(Fill::Before) => Area { right: x, ..plot },
                Some(Fill::After) => Area { left: x, ..plot },
                _ => continue,
            };
            canvas.fill(area, moment.color.unwrap_or(MARK), TINT);
        }
    }

    /// The lines and labels of annotations.
    fn marks(&self, canvas: &mut Canvas) {
        let plot = self.plot;
        for level in &self.widget.horizontal {
            let axis = self.axis(level.is_right);
            let (y, color) = (self.y(axis, level.value) as i32, level.color.unwrap_or(MARK));
            if !(plot.top..=plot.bottom).contains(&y) {
                continue;
            }
            canvas.dash(Area { top: y, bottom: y + 2, ..plot }, color);
            let text =
                level.label.clone().unwrap_or_else(|| number(level.value, (axis.high - axis.low) / 100.0));
            let text = LABEL.cut(&text, plot.width());
            let above = if y - LINE < plot.top { y + 3 } else { y - LINE };
            canvas.text(plot.right - 4 - LABEL.width(&text), above, LABEL, &text, color);
        }
        for moment in &self.widget.vertical {
            let (x, color) = (self.x(moment.seconds as f64) as i32, moment.color.unwrap_or(MARK));
            if !(plot.left..=plot.right).contains(&x) {
                continue;
            }
            canvas.dash(Area { left: x, right: x + 2, ..plot }, color);
            if let Some(label) = &moment.label {
                let text = LABEL.cut(label, plot.width() / 2);
                let room = plot.right - x;
                let left = if LABEL.width(&text) + 6 > room { x - 4 - LABEL.width(&text) } else { x + 5 };
                canvas.text(left, plot.top + 2, LABEL, &text, color);
            }
        }
    }

    fn curve(&self, canvas: &mut Canvas, curve: &Drawn) {
        let axis = *self.axis(curve.is_right);
        if self.widget.is_stacked {
            self.under(canvas, curve, &axis);
        }
        for stretch in stretches(&curve.line) {
            let points: Vec<(f32, f32)> =
                stretch.iter().map(|(at, value)| self.point(&axis, *at, *value)).collect();
            let points = thinned(points);
            let thickness = if points.len() == 1 { DOT } else { THICKNESS };
            canvas.curve(
                Area { top: self.plot.top - 2, bottom: self.plot.bottom + 1, ..self.plot },
                &points,
                thickness,
                curve.color,
            );
        }
    }

    /// The area under a curve of a stack, which hides those below that are drawn after it.
    fn under(&self, canvas: &mut Canvas, curve: &Drawn, axis: &Values) {
        let color = color::mixed(WHITE, curve.color, STACK);
        for pair in curve.line.points.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|(at, value)| self.point(axis, at, value));
            for x in from.0 as i32..to.0 as i32 {
                let part = (x as f32 - from.0) / (to.0 - from.0).max(1.0);
                let top = (from.1 + part * (to.1 - from.1)).max(self.plot.top as f32) as i32;
                let area = Area { left: x, right: x + 1, top, bottom: self.plot.bottom };
                canvas.fill(area, color, 255);
            }
        }
    }

    fn axis(&self, is_right: bool) -> &Values {
        self.right.as_ref().filter(|_| is_right).unwrap_or(&self.left)
    }

    fn point(&self, axis: &Values, at: u64, value: f64) -> (f32, f32) {
        (self.x(at as f64), self.y(axis, value))
    }

    fn x(&self, seconds: f64) -> f32 {
        let part = (seconds - self.widget.span.start) / (self.widget.span.end - self.widget.span.start);
        (f64::from(self.plot.left) + part * f64::from(self.plot.width())) as f32
    }

    /// Values far away are just outside.
    fn y(&self, axis: &Values, value: f64) -> f32 {
        let part = axis.part(value).clamp(-1.0, 2.0);
        (f64::from(self.plot.bottom) - part * f64::from(self.plot.height())) as f32
    }
}

/// Of annotations without a colour.
const MARK: Color = [0x7f, 0x5b, 0x16];

fn values(widget: &Widget, axis: &Axis, drawn: &[Drawn], is_right: bool, ticks: i32) -> Values {
    let curves = drawn.iter().filter(|curve| curve.is_right == is_right);
    let points = curves.flat_map(|curve| curve.line.points.iter().map(|(_, value)| *value));
    let levels = widget.horizontal.iter().filter(|level| level.is_right == is_right).map(|level| level.value);
    let all = points.chain(levels).filter(|value| value.is_finite());
    let range = all.fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    });
    Values::of(range.unwrap_or((0.0, 1.0)), (axis.min, axis.max), ticks.max(2))
}

/// Points without a gap between them.
fn stretches(line: &Line) -> impl Iterator<Item = &[(u64, f64)]> {
    let most = line.period.max(60) * 3 / 2;
    line.points.chunk_by(move |one, next| next.0 - one.0 <= most)
}

/// Of the points of one column of pixels only the first, lowest, highest and last.
fn thinned(points: Vec<(f32, f32)>) -> Vec<(f32, f32)> {
    let columns = points.chunk_by(|one, next| one.0 as i32 == next.0 as i32);
    let thin = |column: &[(f32, f32)]| {
        if column.len() <= 4 {
            return column.to_vec();
        }
        let by_height = |one: &&(f32, f32), other: &&(f32, f32)| one.1.total_cmp(&other.1);
        let ends =
            [column.first(), column.iter().min_by(by_height), column.iter().max_by(by_height), column.last()];
        ends.into_iter().flatten().copied().collect()
    };
    columns.flat_map(thin).collect()
}

#[cfg(test)]
mod tests {
    use super::super::color::BLACK;
    use super::*;

    fn line(points: impl Iterator<Item = (u64, f64)>) -> Line {
        Line { label: String::new(), period: 60, points: points.collect() }
    }

    #[test]
    fn many_points_are_thinned_and_gaps_stay() {
        let many = (0..100_000).map(|at| (at as f32 / 1_000.0, (at % 7) as f32)).collect();
        assert_eq!(thinned(many).len(), 400);
        let gaps = line([(0, 1.0), (60, 1.0), (300, 1.0)].into_iter());
        assert_eq!(stretches(&gaps).map(<[_]>::len).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn a_stack_is_the_sum_of_what_is_below() {
        let drawn = |points: &[(u64, f64)]| Drawn {
            label: String::new(),
            color: BLACK,
            is_right: false,
            line: line(points.iter().copied()),
        };
        let mut stacked = [drawn(&[(0, 1.0), (60, 2.0)]), drawn(&[(60, 5.0)])];
        stack(&mut stacked);
        assert_eq!(stacked[1].line.points, [(0, 1.0), (60, 7.0)]);
    }
}
