//! Points in time as the documents and events of a mapping write them.

use stdx::calendar::date_of;

/// `2026-11-29T03:04:05Z`.
pub(crate) fn second(micros: u64) -> String {
    format!("{}Z", whole(micros))
}

/// `2026-11-29T03:04:05.678Z`.
pub(crate) fn millisecond(micros: u64) -> String {
    format!("{}.{:03}Z", whole(micros), micros / 1_000 % 1_000)
}

fn whole(micros: u64) -> String {
    let (days, second) = (micros / 86_400_000_000, micros / 1_000_000 % 86_400);
    let (year, month, day) = date_of(days as i64);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(super::second(951_782_399_999_999), "2000-02-28T23:59:59Z");
        assert_eq!(super::millisecond(951_782_400_007_999), "2000-02-29T00:00:00.007Z");
    }
}
