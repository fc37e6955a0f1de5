//! The label of a stream: the time it was enabled, as `2026-01-31T23:59:59.123`.

use stdx::calendar::{date_of, days_to};

/// The label for a time in microseconds since the Unix epoch.
pub fn label_at(micros: u64) -> String {
    let (days, in_day) = (micros / 86_400_000_000, micros % 86_400_000_000);
    let (year, month, day) = date_of(days as i64);
    let millis = in_day / 1_000;
    let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}", millis % 1_000)
}

/// The time of a label, in microseconds since the Unix epoch.
pub(super) fn micros_of(label: &str) -> Option<u64> {
    let part = |from: usize, to: usize| label.get(from..to)?.parse::<u64>().ok();
    let days = days_to(part(0, 4)? as i64, part(5, 7)? as i64, part(8, 10)? as i64);
    let seconds = part(11, 13)? * 3_600 + part(14, 16)? * 60 + part(17, 19)?;
    let millis = (u64::try_from(days).ok()? * 86_400 + seconds) * 1_000 + part(20, 23)?;
    Some(millis * 1_000).filter(|micros| label_at(*micros) == label)
}

#[cfg(test)]
mod tests {
    #[test]
    fn labels_are_iso_times() {
        for (micros, label) in [
            (0, "1970-01-01T00:00:00.000"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000"),
            (1_767_225_599_999_999, "2025-12-31T23:59:59.999"),
        ] {
            assert_eq!(super::label_at(micros), label);
            assert_eq!(super::micros_of(label), Some(micros / 1_000 * 1_000));
        }
        for wrong in
            ["", "2026", "2025-13-31T23:59:59.999", "2025-12-31T23:59:59.9990", "é2025-12-31T23:59:59"]
        {
            assert_eq!(super::micros_of(wrong), None, "{wrong}");
        }
    }
}
