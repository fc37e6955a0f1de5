//! Points in time as policies write them: seconds since 1970, or a date of the W3C's profile of ISO 8601.

use stdx::calendar;

const MICROS: i128 = 1_000_000;

/// Microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(i128);

impl Instant {
    /// `1700000000`, `2026`, `2026-01`, `2026-01-31`, `2026-01-31T12:30Z`, `2026-01-31T12:30:15.5+02:00`. A number of
    /// four digits is a year.
    pub(super) fn parse(text: &str) -> Option<Instant> {
        let is_number =
            text.len() != 4 && text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
        if is_number && !text.is_empty() {
            return text.parse::<i64>().ok().map(|seconds| Instant(i128::from(seconds) * MICROS));
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let days = days(date)?;
        let of_day = time.map_or(Some(0), |time| is_full(date).then(|| micros_of_day(time))?)?;
        Some(Instant(i128::from(days) * 86_400 * MICROS + of_day))
    }
}

fn is_full(date: &str) -> bool {
    date.len() == 10
}

fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |month| digits(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| digits(day, 2))?;
    let is_date = parts.next().is_none() && calendar::is_date(year, month, day);
    is_date.then(|| calendar::days_to(year, month, day))
}

fn micros_of_day(time: &str) -> Option<i128> {
    let zone = time.find(['Z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone);
    let mut parts = clock.split(':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (seconds, micros) = parts.next().map_or(Some((0, 0)), seconds)?;
    let is_time = parts.next().is_none() && hours <= 24 && minutes < 60 && seconds <= 60;
    let whole = i128::from(hours * 3_600 + minutes * 60 + seconds - offset_seconds(zone)?);
    is_time.then_some(whole * MICROS + micros)
}

fn seconds(text: &str) -> Option<(i64, i128)> {
    let Some((whole, fraction)) = text.split_once('.') else { return Some((digits(text, 2)?, 0)) };
    let is_fraction = (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    let micros = is_fraction.then(|| format!("{fraction:0<6}")[..6].parse().ok())??;
    Some((digits(whole, 2)?, micros))
}

fn offset_seconds(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone = zone.get(1..)?;
    let (hours, minutes) = zone.split_once(':').or_else(|| zone.split_at_checked(2))?;
    Some(sign * (digits(hours, 2)? * 3_600 + digits(minutes, 2)? * 60))
}

fn digits(text: &str, count: usize) -> Option<i64> {
    let is_number = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let seconds = |text: &str| Instant::parse(text).map(|instant| (instant.0 / MICROS) as i64);
        assert_eq!(seconds("1767225600"), Some(1_767_225_600));
        for same in ["2026", "2026-01", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00.000Z"] {
            assert_eq!(seconds(same), Some(1_767_225_600), "{same}");
        }
        assert_eq!(seconds("2026-01-01T02:00:00+02:00"), Some(1_767_225_600));
        assert_eq!(seconds("2025-12-31T19:30:00-0430"), Some(1_767_225_600));
        assert_eq!(seconds("-1"), Some(-1));
        for bad in [
            "",
            "-",
            "2026-13-01",
            "2026-01-01T",
            "2026-01T00:00Z",
            "2026-01-01T00:00",
            "99999999999999999999",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00+é",
            "tomorrow",
            "2026-01-01-01",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
