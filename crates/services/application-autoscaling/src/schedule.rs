//! What a target does at times.

mod cron;

use cron::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// An action at times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScheduledAction {
    /// Its name, unique in its target.
    pub name: String,
    /// The number in its ARN.
    pub id: String,
    /// When, as it was put.
    pub schedule: String,
    /// The time zone, as it was put; absent for UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// From when on, in microseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_micros: Option<u64>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_micros: Option<u64>,
    /// The bounds that it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// See `minimum`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// When it was put first.
    pub created_micros: u64,
    /// Up to when its times are over.
    pub done_micros: u64,
}

/// When something is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// Once, at a wall-clock time.
    At(jiff::civil::DateTime),
    /// Every so many seconds.
    Rate(u64),
    /// At the times of a pattern.
    Cron(Cron),
}

impl Schedule {
    /// Reads one; `None` if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('(')?;
        let inner = rest.strip_suffix(')')?;
        match kind {
            "at" => inner.parse().ok().map(Schedule::At),
            "rate" => rate(inner).map(Schedule::Rate),
            "cron" => Cron::parse(inner).map(Schedule::Cron),
            _ => None,
        }
    }

    /// The first time behind one, in microseconds since the Unix epoch; `since` is when it began.
    pub fn next(&self, after_micros: u64, since_micros: u64, zone: &TimeZone) -> Option<u64> {
        match self {
            Schedule::At(at) => {
                let at = micros(zone.to_timestamp(*at).ok()?)?;
                (at > after_micros).then_some(at)
            }
            Schedule::Rate(seconds) => {
                let every = seconds * MICROS_PER_SECOND;
                let times = after_micros.saturating_sub(since_micros) / every + 1;
                Some(since_micros + times * every)
            }
            Schedule::Cron(cron) => {
                let after = Timestamp::from_microsecond(after_micros as i64).ok()?;
                micros(cron.next(&after.to_zoned(zone.clone()))?.timestamp())
            }
        }
    }
}

/// A time zone by its name; without one UTC.
pub(crate) fn zone(name: Option<&str>) -> Option<TimeZone> {
    match name {
        None => Some(TimeZone::UTC),
        Some(name) => TimeZone::get(name).ok(),
    }
}

fn micros(at: Timestamp) -> Option<u64> {
    u64::try_from(at.as_microsecond()).ok()
}

fn rate(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| (1..=100_000).contains(number))?;
    let seconds = match (unit.trim(), number) {
        ("minute", 1) | ("minutes", _) => 60,
        ("hour", 1) | ("hours", _) => 3_600,
        ("day", 1) | ("days", _) => 86_400,
        _ => return None,
    };
    Some(number * seconds)
}

impl ScheduledAction {
    /// Its ARN.
    pub fn arn(&self, account: &str, region: &str, resource_id: &str) -> String {
        let (id, name) = (&self.id, &self.name);
        format!(
            "arn:aws:autoscaling:{region}:{account}:scheduledAction:{id}:resource/dynamodb/{resource_id}:\
             scheduledActionName/{name}"
        )
    }

    /// Its last time that is over by now and not done yet. Of several times that were missed only the last counts.
    pub fn due(&self, now_micros: u64) -> Option<u64> {
        let (schedule, zone) = (Schedule::parse(&self.schedule)?, zone(self.timezone.as_deref())?);
        let since = self.start_micros.unwrap_or(self.created_micros);
        let first = self.done_micros.max(since.saturating_sub(1));
        let limit = self.end_micros.unwrap_or(u64::MAX).min(now_micros);
        let mut due = None;
        let mut after = first;
        // Enough for every minute of a week; a clock that has jumped further is caught up with in the next round.
        for _ in 0..10_080 {
            match schedule.next(after, since, &zone).filter(|next| *next <= limit) {
                Some(next) => (due, after) = (Some(next), next),
                None => break,
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str, zone_name: &str) -> Option<String> {
        let after: Timestamp = after.parse().unwrap();
        let schedule = Schedule::parse(schedule)?;
        let next = schedule.next(after.as_microsecond() as u64, 0, &zone(Some(zone_name)).unwrap())?;
        Some(Timestamp::from_microsecond(next as i64).unwrap().to_string())
    }

    #[test]
    fn times_follow_their_patterns_and_zones() {
        for (schedule, after, zone, expect) in [
            ("at(2026-03-01T09:00:00)", "2026-01-01T00:00:00Z", "Europe/Berlin", "2026-03-01T08:00:00Z"),
            ("rate(5 minutes)", "2026-01-01T00:01:00Z", "UTC", "2026-01-01T00:05:00Z"),
            ("rate(1 day)", "2026-01-01T00:01:00Z", "UTC", "2026-01-02T00:00:00Z"),
            ("cron(0 9 * * ? *)", "2026-01-01T00:00:00Z", "America/New_York", "2026-01-01T14:00:00Z"),
            ("cron(0 9 * * ? *)", "2026-07-01T13:00:00Z", "America/New_York", "2026-07-02T13:00:00Z"),
            ("cron(0/15 8-17 ? * MON-FRI *)", "2026-01-02T17:50:00Z", "UTC", "2026-01-05T08:00:00Z"),
            ("cron(30 2 29 2 ? *)", "2026-01-01T00:00:00Z", "UTC", "2028-02-29T02:30:00Z"),
            ("cron(0 0 L * ? *)", "2026-02-01T00:00:00Z", "UTC", "2026-02-28T00:00:00Z"),
            ("cron(0 0 ? * 6#3 *)", "2026-01-01T00:00:00Z", "UTC", "2026-01-16T00:00:00Z"),
            ("cron(0 12 1,15 * ? 2027)", "2026-01-01T00:00:00Z", "UTC", "2027-01-01T12:00:00Z"),
        ] {
            assert_eq!(next(schedule, after, zone).as_deref(), Some(expect), "{schedule} {zone}");
        }
        assert_eq!(next("at(2025-01-01T00:00:00)", "2026-01-01T00:00:00Z", "UTC"), None);
        assert_eq!(next("cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", "UTC"), None);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "at()",
            "at(tomorrow)",
            "rate(0 minutes)",
            "rate(2 minute)",
            "rate(1 week)",
            "cron(* * * * * *)",
            "cron(0 9 * * ?)",
            "cron(60 0 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 0 ? * ? *)",
            "cron(0 0 32 * ? *)",
            "every(day)",
            "cron(0 0 * * ? *",
            "cron(a 0 * * ? *)",
            "cron(0 0 5-3 * ? *)",
            "cron(0/0 0 * * ? *)",
        ] {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
    }
}
