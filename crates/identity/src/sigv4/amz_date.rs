//! Dates in ISO-8601's basic form, `20260131T235959Z`, and the window in which a signature holds.

use crate::auth_error::AuthError;
use crate::form::Carrier;
use stdx::calendar;

/// How far a client's clock may be off, in minutes.
const SKEW_MINUTES: u64 = 15;
/// The longest a presigned request may hold, in seconds.
const PRESIGNED_SECONDS_MAX: u64 = 7 * 24 * 3600;

/// Seconds since the Unix epoch.
pub(crate) fn parse(date: &str) -> Option<u64> {
    let bytes: &[u8; 16] = date.as_bytes().try_into().ok()?;
    let is_digits = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    if bytes[8] != b'T' || bytes[15] != b'Z' || !is_digits(&bytes[..8]) || !is_digits(&bytes[9..15]) {
        return None;
    }
    let pair = |at: usize| i64::from(bytes[at] - b'0') * 10 + i64::from(bytes[at + 1] - b'0');
    let (year, month, day) = (pair(0) * 100 + pair(2), pair(4), pair(6));
    let (hour, minute, second) = (pair(9), pair(11), pair(13));
    let is_day = year >= 1970 && calendar::is_date(year, month, day);
    let is_time = hour < 24 && minute < 60 && second <= 60;
    let seconds = || ((calendar::days_to(year, month, day) * 24 + hour) * 3600 + minute * 60 + second) as u64;
    (is_day && is_time).then(seconds)
}

/// The basic form of a point in time.
pub(crate) fn format(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = calendar::date_of(days as i64);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Refuses a signature that is too old or from the future.
pub(crate) fn check_window(date: &str, signed: u64, now: u64, carrier: Carrier) -> Result<(), AuthError> {
    let skew = SKEW_MINUTES * 60;
    let holds = match carrier {
        Carrier::Query { expires_seconds: Some(seconds) } => seconds.min(PRESIGNED_SECONDS_MAX),
        _ => skew,
    };
    if signed + holds < now {
        return Err(AuthError::Expired {
            signed: date.to_owned(),
            limit: format(now - holds),
            now: format(now),
            minutes: holds / 60,
        });
    }
    if signed > now + skew {
        return Err(AuthError::NotYetCurrent {
            signed: date.to_owned(),
            limit: format(now + skew),
            now: format(now),
            minutes: SKEW_MINUTES,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_there_and_back() {
        for (date, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T120000Z", 951_825_600),
            ("20001231T235959Z", 978_307_199),
            ("20261123T213231Z", 1_795_469_551),
            ("21000301T000000Z", 4_107_542_400),
        ] {
            assert_eq!(parse(date), Some(seconds), "{date}");
            assert_eq!(format(seconds), date);
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in
            ["", "20260101", "20260101T000000", "20261301T000000Z", "20260230T000000Z", "2026-01-01T00:00Z"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("19000101T000000Z"), None);
        assert_eq!(parse("20260101T0000é0Z"), None);
    }
}
