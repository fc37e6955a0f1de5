//! Times as Java prints them: the text about an expired iterator tells two.

use stdx::calendar::date_of;

const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;
/// From the weekday of 1970-01-01 on.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `Thu Jan 01 13:05:09 UTC 2026`, for microseconds since the Unix epoch.
pub(super) fn java(micros: u64) -> String {
    let (days, seconds) = (micros / MICROS_PER_DAY, micros % MICROS_PER_DAY / 1_000_000);
    let (year, month, day) = date_of(days as i64);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let (weekday, month) = (WEEKDAYS[(days % 7) as usize], MONTHS[month as usize - 1]);
    format!("{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_those_of_java() {
        assert_eq!(super::java(0), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(super::java(1_767_272_709_000_000), "Thu Jan 01 13:05:09 UTC 2026");
    }
}
