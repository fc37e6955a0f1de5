//! The calendar: days counted from 1970-01-01 as dates and back, in the proleptic Gregorian calendar, and
//! points in time as text. Without zones.

/// Days from 0000-03-01, where the computation begins, to 1970-01-01: years are counted from March, so that a leap day
/// is the last of its year.
const DAYS_BEFORE_1970: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;

/// The day of a date. Days beyond the end of the month are taken too: the 31st of a month of 30 days is the
/// first of the next.
pub fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_BEFORE_1970
}

/// Year, month and day of a day.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_BEFORE_1970;
    let (era, of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year, if month < 10 { month + 3 } else { month - 9 });
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// Whether there is such a date.
pub fn is_date(year: i64, month: i64, day: i64) -> bool {
    (1..=12).contains(&month)
        && day >= 1
        && (day <= 28 || date_of(days_to(year, month, day)) == (year, month, day))
}

/// Seconds since the Unix epoch as `2026-11-29T17:00:00Z`.
pub fn iso_8601(seconds: u64) -> String {
    let ((year, month, day), of_day) =
        (date_of((seconds / SECONDS_PER_DAY) as i64), seconds % SECONDS_PER_DAY);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

const SECONDS_PER_DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_as_text() {
        assert_eq!(iso_8601(1_795_469_551), "2026-11-23T21:32:31Z");
        assert_eq!(iso_8601(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn there_and_back() {
        for (days, date) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (11_016, (2000, 2, 29)),
            (19_782, (2024, 2, 29)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date_of(days), date);
            assert_eq!(days_to(date.0, date.1, date.2), days);
        }
    }

    #[test]
    fn months_have_their_days() {
        let last = |year, month| (28..=32).rev().find(|day| is_date(year, month, *day));
        let of_2023: Vec<_> = (1..=12).filter_map(|month| last(2023, month)).collect();
        assert_eq!(of_2023, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
        assert_eq!([1900, 2000, 2024].map(|year| last(year, 2)), [Some(28), Some(29), Some(29)]);
        assert!(!is_date(2026, 0, 1) && !is_date(2026, 13, 1) && !is_date(2026, 1, 0));
    }
}
