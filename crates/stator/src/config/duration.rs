//! Durations in the notation of configuration files: `500ms`, `2s`, `1m`, `1h`, or `0`.

use std::time::Duration;

/// Reads one; the fault is a sentence.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let millis: u64 = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" if digits == "0" => 0,
        _ => return Err(fault(text)),
    };
    let count: u64 = digits.parse().map_err(|_| fault(text))?;
    count.checked_mul(millis).map(Duration::from_millis).ok_or_else(|| fault(text))
}

fn fault(text: &str) -> String {
    format!("`{text}` is no duration; write one as 500ms, 2s, 1m or 1h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, millis) in
            [("0", 0), ("0s", 0), ("500ms", 500), ("2s", 2_000), ("3m", 180_000), ("1h", 3_600_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in
            ["", "2", "s", "2 s", "-1s", "1.5s", "2d", "99999999999999999999s", "18446744073709551615h", "2é"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
