//! A plan as a picture: for the reads and the writes of each index, what was used, and the capacity that auto scaling
//! and a fixed capacity would have had.

use crate::plan::{Plan, Row, Way};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const HEAD: f64 = 60.0;
const CHART: f64 = 150.0;
const CHART_AND_GAP: f64 = 210.0;
const COLOURS: [(&str, &str); 3] =
    [("used", "#2b6cb0"), ("auto-scaled", "#dd6b20"), ("provisioned", "#718096")];

/// The plan as SVG.
pub fn render(plan: &Plan) -> String {
    let mut out = String::new();
    // Writing to a text never fails.
    let _ = write_plan(&mut out, plan);
    out
}

fn write_plan(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let height = HEAD + CHART_AND_GAP * plan.rows.len() as f64;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>"
    )?;
    let title = format!("{}: {:.1} hours of traffic, units a second", plan.table, plan.hours);
    writeln!(out, "<text x=\"{LEFT}\" y=\"24\" font-size=\"16\">{}</text>", escaped(&title))?;
    for (place, (name, colour)) in COLOURS.iter().enumerate() {
        let x = LEFT + 130.0 * place as f64;
        writeln!(out, "<text x=\"{x}\" y=\"46\" fill=\"{colour}\">■ {name}</text>")?;
    }
    for (place, row) in plan.rows.iter().enumerate() {
        write_row(out, row, HEAD + CHART_AND_GAP * place as f64, &plan.currency)?;
    }
    writeln!(out, "</svg>")
}

fn write_row(out: &mut String, row: &Row, top: f64, currency: &str) -> std::fmt::Result {
    let fixed =
        row.choice(Way::Provisioned).and_then(|choice| choice.units).map_or(0, |(_, most)| most) as f64;
    let all = row.used.iter().chain(&row.scaled).copied();
    let greatest = all.fold(fixed, f64::max).max(1.0);
    let (top, bottom) = (top + 24.0, top + 24.0 + CHART);
    let name = row.index.as_deref().map_or_else(|| "table".to_owned(), |index| format!("index {index}"));
    let costs: Vec<_> =
        row.choices.iter().map(|choice| format!("{} {:.2}", choice.way.name(), choice.monthly)).collect();
    let caption = format!(
        "{name}, {}: a month in {currency}: {}",
        row.capacity.name().to_lowercase(),
        costs.join(", ")
    );
    writeln!(out, "<text x=\"{LEFT}\" y=\"{}\">{}</text>", top - 8.0, escaped(&caption))?;
    writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{greatest:.0}</text>",
        LEFT - 6.0,
        top + 10.0
    )?;
    writeln!(out, "<text x=\"{}\" y=\"{bottom}\" text-anchor=\"end\">0</text>", LEFT - 6.0)?;
    writeln!(out, "<path d=\"M{LEFT} {top}V{bottom}H{}\" fill=\"none\" stroke=\"#cbd5e0\"/>", WIDTH - RIGHT)?;
    let height = |value: f64| bottom - value / greatest * CHART;
    let used = line(&row.used, height);
    if !used.is_empty() {
        writeln!(
            out,
            "<path d=\"M{LEFT} {bottom}{used}V{bottom}Z\" fill=\"{0}\" fill-opacity=\"0.35\" stroke=\"{0}\"/>",
            COLOURS[0].1
        )?;
    }
    if let Some(first) = row.scaled.first() {
        let path = format!("M{LEFT} {:.1}{}", height(*first), line(&row.scaled, height));
        writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>", COLOURS[1].1)?;
    }
    writeln!(
        out,
        "<path d=\"M{LEFT} {0:.1}H{1}\" fill=\"none\" stroke=\"{2}\" stroke-dasharray=\"6 4\"/>",
        height(fixed),
        WIDTH - RIGHT,
        COLOURS[2].1
    )
}

/// Steps from the left edge to the right one.
fn line(values: &[f64], height: impl Fn(f64) -> f64) -> String {
    let step = (WIDTH - LEFT - RIGHT) / values.len().max(1) as f64;
    let steps = values.iter().enumerate().map(|(place, value)| {
        let (y, x) = (height(*value), LEFT + step * (place + 1) as f64);
        format!("V{y:.1}H{x:.1}")
    });
    steps.collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Subject, Traffic};
    use prices::Prices;

    #[test]
    fn a_picture_has_a_chart_for_each_row() {
        let subject =
            Subject { index: Some("a<b".into()), read: vec![60.0; 10], write: vec![], provisioned: (0, 0) };
        let traffic =
            Traffic { table: "t".into(), region: "r".into(), subjects: vec![subject], ..Traffic::default() };
        let svg = render(&Plan::of(&traffic, &Prices::bundled(), 70.0));
        assert_eq!((svg.matches("index a&lt;b").count(), svg.matches("stroke-dasharray").count()), (2, 2));
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"));
    }
}
