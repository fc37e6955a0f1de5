//! Points in time as texts: `2026-11-23T21:32:31Z`, with a fraction where there is one.

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

/// The text of seconds since the Unix epoch.
pub(super) fn format_timestamp(seconds: f64) -> String {
    let millis = (seconds * 1000.0).round() as i64;
    let (whole, millis) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, second) = (whole.div_euclid(SECONDS_PER_DAY), whole.rem_euclid(SECONDS_PER_DAY));
    let (year, month, day) = date_of(days);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn numbers<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<[i64; 3]> {
    let mut next = || parts.next()?.parse().ok().filter(|number: &i64| *number >= 0);
    let numbers = [next()?, next()?, next()?];
    parts.next().is_none().then_some(numbers)
}

/// Days since the epoch. Years are counted from March, so that a leap day is the last of its year.
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year, if month < 10 { month + 3 } else { month - 9 });
    (if month <= 2 { year + 1 } else { year }, month, day)
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
