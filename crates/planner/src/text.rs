//! A plan for people at a terminal.

use crate::plan::{Choice, Plan, Row, Way};
use std::fmt::Write;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const GRAPH_COLUMNS: usize = 72;

/// The plan as lines of text.
pub fn render(plan: &Plan) -> String {
    let mut out = String::new();
    // Writing to a text never fails.
    let _ = write_plan(&mut out, plan);
    out
}

fn write_plan(out: &mut String, plan: &Plan) -> std::fmt::Result {
    let Plan { table, region, hours, .. } = plan;
    writeln!(out, "{table} in {region}: {hours:.1} hours of traffic; costs are for a month of 730 hours")?;
    writeln!(
        out,
        "prices of {} of {}, in {}; auto scaling keeps {}% of its capacity in use\n",
        plan.priced_as, plan.prices_of, plan.currency, plan.target
    )?;
    for row in &plan.rows {
        write_row(out, row)?;
    }
    if plan.rows.iter().any(|row| row.bought > 0) {
        writeln!(out, "what was bought in advance is paid either way, and not among these costs\n")?;
    }
    writeln!(out, "the whole table")?;
    for choice in &plan.totals {
        let mark = if choice.way == plan.recommended { "  <- recommended" } else { "" };
        write_choice(out, choice.way.name(), choice, mark)?;
    }
    Ok(())
}

fn write_row(out: &mut String, row: &Row) -> std::fmt::Result {
    let name = row.index.as_deref().map_or_else(|| "table".to_owned(), |index| format!("index {index}"));
    let (what, summary) = (row.capacity.name().to_lowercase(), row.summary);
    writeln!(
        out,
        "{name}, {what}: {:.1} units/s on average, {:.1} in the middle, {:.1} at 99%, {:.1} at most",
        summary.average, summary.p50, summary.p99, summary.peak
    )?;
    writeln!(out, "  {}", sparkline(&row.used, GRAPH_COLUMNS))?;
    if let Some(now) = &row.now {
        write_choice(out, "as it is now", now, "")?;
    }
    for way in Way::ALL {
        if let Some(choice) = row.choice(way) {
            write_choice(out, way.name(), choice, "")?;
        }
    }
    writeln!(out)
}

fn write_choice(out: &mut String, name: &str, choice: &Choice, mark: &str) -> std::fmt::Result {
    let units = match choice.units {
        Some((least, most)) if least == most => format!("{most} units/s"),
        Some((least, most)) => format!("{least} to {most} units/s"),
        None => String::new(),
    };
    let reserved = if choice.reserved > 0 { format!("{} reserved", choice.reserved) } else { String::new() };
    let throttled = format!("{:.3}% throttled", choice.throttled_percent);
    let line = format!("  {name:<18}{:>12.2}  {throttled:>18}  {units:<24}{reserved}{mark}", choice.monthly);
    writeln!(out, "{}", line.trim_end())
}

/// Values as bars, at most so many.
pub fn sparkline(values: &[f64], columns: usize) -> String {
    let stretch = values.len().div_ceil(columns.max(1)).max(1);
    let greatest = values.iter().copied().fold(0.0, f64::max);
    let bar = |values: &[f64]| {
        let value = values.iter().copied().fold(0.0, f64::max);
        let place = if greatest > 0.0 { (value / greatest * 7.0).round() as usize } else { 0 };
        BARS[place.min(7)]
    };
    values.chunks(stretch).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::{Subject, Traffic};
    use prices::Prices;

    #[test]
    fn graphs_fit_their_columns() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 4.0], 10), "▁▃▅█");
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 4.0], 2), "▃█");
        assert_eq!((sparkline(&[], 5), sparkline(&[0.0], 5)), (String::new(), "▁".to_owned()));
    }

    #[test]
    fn a_plan_names_every_way_and_recommends_one() {
        let subject = |index: Option<&str>| Subject {
            index: index.map(str::to_owned),
            read: vec![600.0; 120],
            write: vec![60.0; 120],
            provisioned: (20, 20),
        };
        let subjects = vec![subject(None), subject(Some("by-x"))];
        let traffic =
            Traffic { table: "t".into(), region: "eu-west-1".into(), subjects, ..Traffic::default() };
        let text = render(&Plan::of(&traffic, &Prices::bundled(), 70.0));
        for part in [
            "t in eu-west-1: 2.0 hours",
            "prices of us-east-1",
            "index by-x, write:",
            "as it is now",
            "<- recommended",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(text.matches("reserved, 3 years").count(), 5);
    }
}
