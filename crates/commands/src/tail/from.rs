//! Where to begin: now, at the oldest change, or at a time in common notations.

use std::str::FromStr;
use std::time::Duration;
use stdx::calendar;

/// Where to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum From {
    /// With what happens from now on.
    #[default]
    Now,
    /// At the oldest change that is kept.
    Trim,
    /// This long ago.
    Ago(Duration),
    /// At this time, in microseconds since the Unix epoch.
    At(u64),
}

impl From {
    /// The point in time, where it is one.
    pub(super) fn micros(self, now_micros: u64) -> Option<u64> {
        match self {
            From::Now | From::Trim => None,
            From::Ago(ago) => Some(now_micros.saturating_sub(ago.as_micros() as u64)),
            From::At(micros) => Some(micros),
        }
    }
}

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" => Ok(From::Now),
            "trim" => Ok(From::Trim),
            _ => ago(text).or_else(|| epoch(text)).or_else(|| iso(text)).ok_or_else(|| {
                "now, trim, how long ago (90s, 10m, 2h, 1d) or a time (2026-01-31, 2026-01-31T09:00:00Z)"
                    .to_owned()
            }),
        }
    }
}

/// `90s`, `10m`, `2h`, `1d`
fn ago(text: &str) -> Option<From> {
    let seconds_each = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(From::Ago(Duration::from_secs(u64::from(count) * seconds_each)))
}

/// Seconds since the Unix epoch; fewer digits are a slip.
fn epoch(text: &str) -> Option<From> {
    let seconds: u64 = text.parse().ok().filter(|_| (9..=11).contains(&text.len()))?;
    Some(From::At(seconds * 1_000_000))
}

/// A date with or without a time, in UTC unless an offset is said.
fn iso(text: &str) -> Option<From> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, offset_minutes) = split_offset(time)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let with_seconds = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let [hour, minute, second] = numbers(&with_seconds, ':', [2, 2, 2])?;
    if !calendar::is_date(year, month, day) || year < 1970 || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let minutes = (calendar::days_to(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    let seconds = u64::try_from(minutes * 60 + second).ok()?;
    Some(From::At(seconds * 1_000_000 + micros(fraction)?))
}

fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else { return Some((time, 0)) };
    let [hours, minutes] = numbers(&time[at + 1..], ':', [2, 2])?;
    let sign = if time.as_bytes()[at] == b'-' { -1 } else { 1 };
    Some((&time[..at], sign * (hours * 60 + minutes)))
}

/// Numbers of exactly these digits.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let parts: [&str; N] = parts.try_into().ok()?;
    let mut numbers = [0; N];
    for ((number, part), digits) in numbers.iter_mut().zip(parts).zip(digits) {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_number)?;
    }
    Some(numbers)
}

/// Microseconds of the digits behind a point.
fn micros(fraction: &str) -> Option<u64> {
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_tell_them() {
        let day = 1_769_817_600_000_000; // 2026-01-31
        for (text, from) in [
            ("now", From::Now),
            ("trim", From::Trim),
            ("90s", From::Ago(Duration::from_secs(90))),
            ("2h", From::Ago(Duration::from_secs(7200))),
            ("1769817600", From::At(day)),
            ("2026-01-31", From::At(day)),
            ("2026-01-31T00:00Z", From::At(day)),
            ("2026-01-31 00:00:01.5", From::At(day + 1_500_000)),
            ("2026-01-31T02:30:00+02:30", From::At(day)),
            ("2026-01-30T23:00:00-01:00", From::At(day)),
        ] {
            assert_eq!(text.parse(), Ok(from), "{text}");
        }
        for text in [
            "",
            "m",
            "10",
            "10w",
            "yesterday",
            "2026-02-30",
            "2026-01-31T24:00",
            "1969-12-31",
            "é",
            "2026-1-31",
        ] {
            assert!(text.parse::<From>().is_err(), "{text}");
        }
        assert_eq!(From::Ago(Duration::from_secs(1)).micros(day), Some(day - 1_000_000));
    }
}
