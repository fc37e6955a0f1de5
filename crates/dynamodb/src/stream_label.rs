//! The label of a stream: the time it was enabled, as `2026-01-31T23:59:59.123`.

/// The label for a time in microseconds since the Unix epoch.
pub fn at(micros: u64) -> String {
    let (days, in_day) = (micros / 86_400_000_000, micros % 86_400_000_000);
    let (year, month, day) = civil(days as i64);
    let millis = in_day / 1_000;
    let (hour, minute, second) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}", millis % 1_000)
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar: years are
/// counted from a 1 March, so that the leap day is a year's last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
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
            assert_eq!(super::at(micros), label);
        }
    }
}
