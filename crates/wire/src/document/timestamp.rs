//! Points in time as texts: `2026-11-23T21:32:31Z`, with a fraction where there is one.

use stdx::calendar::{date_of, days_to};

const SECONDS_PER_DAY: i64 = 86_400;

/// Seconds since the Unix epoch.
pub(super) fn parse_timestamp(text: &str) -> Option<f64> {
    let (date, rest) = text.split_once('T')?;
    let time = rest.strip_suffix('Z').or_else(|| rest.strip_suffix("+00:00"))?;
    let [year, month, day] = numbers(date.split('-'))?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let [hour, minute, second] = numbers(whole.split(':'))?;
    let is_time = hour < 24 && minute < 60 && second <= 60;
    let is_day = (1..=12).contains(&month) && (1..=31).contains(&day) && (1..=9999).contains(&year);
    let seconds = days_to(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
    (is_time && is_day).then_some(seconds as f64 + fraction)
}

/// The text of seconds since the Unix epoch, with a fraction where there is one.
pub(super) fn format_timestamp(seconds: f64) -> String {
    let text = format_millis(seconds);
    text.strip_suffix(".000Z").map_or(text.clone(), |whole| format!("{whole}Z"))
}

/// The text of seconds since the Unix epoch, with milliseconds.
pub(super) fn format_millis(seconds: f64) -> String {
    let millis = (seconds * 1000.0).round() as i64;
    let (whole, millis) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, second) = (whole.div_euclid(SECONDS_PER_DAY), whole.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = date_of(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

fn numbers<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<[i64; 3]> {
    let mut next = || parts.next()?.parse().ok().filter(|number: &i64| *number >= 0);
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0.0),
            ("2000-02-29T12:00:00Z", 951_825_600.0),
            ("2026-11-23T21:32:31.250Z", 1_795_469_551.25),
            ("1969-12-31T23:59:59Z", -1.0),
        ] {
            assert_eq!(parse_timestamp(text), Some(seconds), "{text}");
            assert_eq!(format_timestamp(seconds), text);
        }
        for text in ["", "2026", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00Z", "T:Z"] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
    }
}
