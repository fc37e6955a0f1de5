//! Times as Java writes them out in full: messages about budgets contain them.

use stdx::calendar::date_of;

const MICROS_PER_DAY: u64 = 24 * 3_600 * 1_000_000;
/// From the weekday of 1970-01-01 on.
const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `Thursday, January 1, 2026 at 1:05:09 PM UTC`, for microseconds since the Unix epoch.
pub fn full(micros: u64) -> String {
    let (days, seconds) = (micros / MICROS_PER_DAY, micros % MICROS_PER_DAY / 1_000_000);
    let (year, month, day) = date_of(days as i64);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let (weekday, month) = (WEEKDAYS[(days % 7) as usize], MONTHS[month as usize - 1]);
    format!("{weekday}, {month} {day}, {year} at {hour}:{minute:02}:{second:02} {half} UTC")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_written_out() {
        for (micros, text) in [
            (0, "Thursday, January 1, 1970 at 12:00:00 AM UTC"),
            (1_767_272_709_000_000, "Thursday, January 1, 2026 at 1:05:09 PM UTC"),
            (951_868_799_999_999, "Tuesday, February 29, 2000 at 11:59:59 PM UTC"),
        ] {
            assert_eq!(super::full(micros), text);
        }
    }
}
