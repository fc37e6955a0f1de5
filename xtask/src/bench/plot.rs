//! A plot of latencies over time, as a self-contained SVG file.

use std::ops::Range;
use std::path::Path;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 40.0;
const TOP: f64 = 30.0;

/// Writes the plot of one value a second, in milliseconds, with a stretch of time in another colour.
pub(super) fn write(
    file: &Path,
    title: &str,
    values_ms: &[f64],
    stretch: Range<usize>,
    what_happens: &str,
) -> Result<(), String> {
    let svg = svg(title, values_ms, stretch, what_happens);
    std::fs::write(file, svg).map_err(|error| format!("{}: {error}", file.display()))
}

fn svg(title: &str, values: &[f64], stretch: Range<usize>, what_happens: &str) -> String {
    let highest = values.iter().copied().fold(1.0, f64::max);
    let x = |second: f64| LEFT + second / values.len().max(1) as f64 * (WIDTH - LEFT - 20.0);
    let y = |value: f64| HEIGHT - BOTTOM - value / highest * (HEIGHT - BOTTOM - TOP);
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{:.1},{:.1}", x(at as f64 + 0.5), y(*value)))
        .collect();
    let (from, to) = (x(stretch.start as f64), x(stretch.end as f64));
    let (floor, ceiling) = (y(0.0), y(highest));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">{title}</text>\n\
         <rect x=\"{from:.1}\" y=\"{ceiling:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#e8eef7\"/>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#456\">{what_happens}</text>\n",
        to - from,
        floor - ceiling,
        from + 4.0,
        ceiling + 14.0
    );
    for part in 0..=4 {
        let value = highest * f64::from(part) / 4.0;
        svg += &format!(
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#ddd\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value:.1}</text>\n",
            WIDTH - 20.0,
            y(value),
            y(value),
            LEFT - 6.0,
            y(value) + 4.0
        );
    }
    for second in (0..=values.len()).step_by(5) {
        svg += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{second} s</text>\n",
            x(second as f64),
            HEIGHT - BOTTOM + 16.0
        );
    }
    svg + &format!(
        "<polyline fill=\"none\" stroke=\"#c33\" stroke-width=\"1.5\" points=\"{}\"/>\n</svg>\n",
        points.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_has_its_point() {
        let svg = svg("p99, ms", &[1.0, 2.0, 4.0, 1.0], 1..3, "an index is built");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        let points =
            svg.split("points=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let points: Vec<&str> = points.split(' ').collect();
        assert_eq!(
            (points.len(), points[2].rsplit(',').next()),
            (4, Some("30.0")),
            "the highest is at the top"
        );
    }
}
