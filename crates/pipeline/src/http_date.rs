//! Points in time as headers have them: `Sun, 06 Nov 1994 08:49:37 GMT`.

use std::time::{Duration, UNIX_EPOCH};

/// The last second of the year 9999: the form has four digits for a year.
const SECONDS_MAX: u64 = 253_402_300_799;

/// Seconds since the Unix epoch; `None` for what is no such text, which HTTP has ignored.
pub fn read(text: &str) -> Option<f64> {
    let time = httpdate::parse_http_date(text).ok()?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64())
}

/// The text of seconds since the Unix epoch.
pub fn write(seconds: f64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs((seconds as u64).min(SECONDS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_back() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(write(read(text).unwrap()), text);
        assert_eq!(read("yesterday"), None);
        for beyond in [1e12, 1e300, f64::INFINITY] {
            assert_eq!(write(beyond), "Fri, 31 Dec 9999 23:59:59 GMT");
        }
        assert_eq!(write(-5.0), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
