//! Times of a widget: how long ago, or a date; and the clock of its time zone.

use jiff::Timestamp;
use stdx::calendar;

/// Longer ago there are no points.
const AGO_SECONDS_MAX: u64 = 500 * 86_400;

/// Seconds since the Unix epoch of `-PT3H`, `-P1D` or an ISO date; `None` if it is neither.
pub(super) fn parse(text: &str, now_seconds: u64) -> Option<u64> {
    match text.strip_prefix('-').unwrap_or(text).strip_prefix('P') {
        Some(duration) => Some(now_seconds.saturating_sub(seconds_of(duration)?.min(AGO_SECONDS_MAX))),
        None => u64::try_from(text.parse::<Timestamp>().ok()?.as_second()).ok(),
    }
}

/// `1DT2H`; a month has 30 days.
fn seconds_of(duration: &str) -> Option<u64> {
    let (date, time) = duration.split_once('T').unwrap_or((duration, ""));
    let date = sum(date, &[('Y', 365 * 86_400), ('M', 30 * 86_400), ('W', 7 * 86_400), ('D', 86_400)])?;
    Some(date.saturating_add(sum(time, &[('H', 3_600), ('M', 60), ('S', 1)])?))
}

fn sum(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let (mut sum, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..end].parse().ok()?;
        let (_, seconds) = units.iter().find(|(unit, _)| rest[end..].starts_with(*unit))?;
        sum = sum.saturating_add(number.saturating_mul(*seconds));
        rest = &rest[end + 1..];
    }
    Some(sum)
}

/// Seconds that a zone such as `+0130` is ahead.
pub(super) fn zone(text: &str) -> Option<i64> {
    let (sign, digits) = (if text.starts_with('-') { -1 } else { 1 }, text.get(1..)?);
    let is_one =
        text.starts_with(['+', '-']) && digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits.parse().ok().filter(|_| is_one)?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// `09:30`, or `11/29` where days are told apart; the seconds are those of the zone.
pub(super) fn written(seconds: i64, is_day: bool) -> String {
    let (_, month, day) = calendar::date_of(seconds.div_euclid(86_400));
    match is_day {
        true => format!("{month:02}/{day:02}"),
        false => format!("{:02}:{:02}", seconds.rem_euclid(86_400) / 3_600, seconds.rem_euclid(3_600) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let now = 1_764_400_000;
        for (text, expected) in [
            ("-PT3H", Some(now - 10_800)),
            ("PT0H", Some(now)),
            ("P0D", Some(now)),
            ("-P1DT1M", Some(now - 86_460)),
            ("-P99999999999999999999D", None),
            ("-P999999999999999999D", Some(now - AGO_SECONDS_MAX)),
            ("2025-11-29T03:04:00.000Z", Some(1_764_385_440)),
            ("-PT3", None),
            ("-PTH", None),
            ("-P3H", None),
            ("-PTé", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse(text, now), expected, "{text}");
        }
    }

    #[test]
    fn zones_and_clocks() {
        assert_eq!((zone("+0130"), zone("-0800"), zone("+0000")), (Some(5_400), Some(-28_800), Some(0)));
        for text in ["", "UTC", "+130", "+0160", "é130", "+1500"] {
            assert_eq!(zone(text), None, "{text}");
        }
        assert_eq!(written(1_764_385_440, false), "03:04");
        assert_eq!(written(1_764_385_440, true), "11/29");
    }
}
