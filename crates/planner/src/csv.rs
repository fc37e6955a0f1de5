//! Traffic from a file of figures: comma-separated lines, for people who have their metrics from elsewhere.
//!
//! ```text
//! time,index,read,write
//! 2026-10-01T00:00:00Z,,1200,40
//! 2026-10-01T00:00:00Z,by-city,300,40
//! ```
//! A time is RFC 3339 or seconds since the Unix epoch; an index is empty for the table; read and write are the units
//! that were consumed from that time to the next. Times are the same distance apart, a minute to an hour; units are
//! spread evenly over their minutes. Times without a line had no traffic.

use crate::traffic::{Subject, Traffic};
use std::collections::{BTreeMap, BTreeSet};

/// What the first line says.
pub const HEADER: &str = "time,index,read,write";
const SECONDS_PER_MINUTE: i64 = 60;
/// Minutes of a file at most: a quarter of a year.
const MINUTES_MAX: i64 = 92 * 24 * 60;
/// Indexes of a file at most.
const SUBJECTS_MAX: usize = 64;

/// One line.
struct Line {
    minute: i64,
    index: Option<String>,
    read: f64,
    write: f64,
}

/// Reads a file.
///
/// # Errors
/// In words that name the line.
pub fn read(text: &str, table: &str, region: &str) -> Result<Traffic, String> {
    let mut rows = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    match rows.next() {
        Some((_, first)) if first.trim().eq_ignore_ascii_case(HEADER) => {}
        _ => return Err(format!("the first line must be {HEADER}")),
    }
    let lines =
        rows.map(|(place, line)| Line::read(line).map_err(|what| format!("line {}: {what}", place + 1)));
    let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
    traffic(&lines, table, region)
}

impl Line {
    fn read(line: &str) -> Result<Line, String> {
        let parts: Vec<&str> = line.split(',').map(str::trim).collect();
        let [time, index, read, write] = parts[..] else {
            return Err(format!("it has {} values; it takes {HEADER}", parts.len()));
        };
        Ok(Line {
            minute: seconds(time)?.div_euclid(SECONDS_PER_MINUTE),
            index: (!index.is_empty()).then(|| index.to_owned()),
            read: units(read)?,
            write: units(write)?,
        })
    }
}

fn seconds(text: &str) -> Result<i64, String> {
    let number = text.parse().ok();
    let seconds = number.or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second));
    let is_time = |seconds: &i64| (0..=253_402_300_799).contains(seconds);
    seconds.filter(is_time).ok_or_else(|| format!("{text:?} is no time: 2026-10-01T00:00:00Z, or 1790812800"))
}

fn units(text: &str) -> Result<f64, String> {
    let units = if text.is_empty() { Some(0.0) } else { text.parse().ok() };
    let is_units = |units: &f64| units.is_finite() && (0.0..=1e15).contains(units);
    units.filter(is_units).ok_or_else(|| format!("{text:?} is no number of units"))
}

fn traffic(lines: &[Line], table: &str, region: &str) -> Result<Traffic, String> {
    let times: BTreeSet<i64> = lines.iter().map(|line| line.minute).collect();
    let (Some(first), Some(last)) = (times.first().copied(), times.last().copied()) else {
        return Err("there are no figures below the first line".to_owned());
    };
    let step =
        times.iter().zip(times.iter().skip(1)).map(|(one, next)| next - one).min().unwrap_or(1).min(60);
    let minutes = last - first + step;
    if minutes > MINUTES_MAX {
        return Err(format!("the file is about {} days; 92 is the most", minutes / (24 * 60)));
    }
    let mut subjects = BTreeMap::<Option<String>, Subject>::from([(None, empty(None, minutes))]);
    for line in lines {
        let new = || empty(line.index.clone(), minutes);
        let subject = subjects.entry(line.index.clone()).or_insert_with(new);
        let start = (line.minute - first) as usize;
        for minute in start..start + step as usize {
            subject.read[minute] += line.read / step as f64;
            subject.write[minute] += line.write / step as f64;
        }
        if subjects.len() > SUBJECTS_MAX {
            return Err(format!("the file has more than {SUBJECTS_MAX} indexes"));
        }
    }
    Ok(Traffic {
        table: table.to_owned(),
        region: region.to_owned(),
        first_minute: first as u64,
        subjects: subjects.into_values().collect(),
        ..Traffic::default()
    })
}

fn empty(index: Option<String>, minutes: i64) -> Subject {
    let none = vec![0.0; minutes as usize];
    Subject { index, read: none.clone(), write: none, provisioned: (0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &str) -> Result<Traffic, String> {
        read(&format!("{HEADER}\n{lines}"), "t", "r")
    }

    #[test]
    fn units_are_spread_over_the_minutes_of_a_step() {
        let traffic = of("2026-10-01T00:00:00Z,,50,5\n2026-10-01T00:05:00Z,,100,\n\n1790812800,by-x,10,10\n");
        let traffic = traffic.expect("it is a file");
        assert_eq!((traffic.first_minute, traffic.minutes()), (1_790_812_800 / 60, 10));
        let [table, index] = &traffic.subjects[..] else { panic!("two subjects") };
        assert_eq!((table.index.as_deref(), table.read[4], table.read[5]), (None, 10.0, 20.0));
        assert_eq!((table.write[0], table.write[9]), (1.0, 0.0));
        assert_eq!((index.index.as_deref(), index.write[0]), (Some("by-x"), 2.0));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |lines: &str, expect: &str| {
            let refusal = of(lines).expect_err("it is wrong");
            assert!(refusal.contains(expect), "{refusal}");
        };
        check("", "no figures");
        check("0,,1,1\n60,,1", "line 3: it has 3 values");
        check("yesterday,,1,1", "line 2: \"yesterday\" is no time");
        check("-1,,1,1", "is no time");
        check("0,,NaN,1", "\"NaN\" is no number of units");
        check("0,,-1,1", "\"-1\" is no number");
        check("0,,1e400,1", "is no number");
        check("0,,1,1\n99999999,,1,1", "92 is the most");
        assert!(read("a,b\n", "t", "r").is_err());
    }
}
