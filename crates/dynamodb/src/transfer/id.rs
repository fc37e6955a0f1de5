//! The ids of transfers, and what they become in documents: ids that count the time down, so that lists,
//! which go by ids, begin with the newest.

use sha2::{Digest, Sha256};

/// The millisecond that ids count down from: fourteen digits.
const MILLIS_MAX: u64 = 99_999_999_999_999;

/// A new id: `<14 digits of milliseconds>-<8 hexadecimal digits>`.
pub fn new_id(now_micros: u64, random: u64) -> String {
    format!("{:014}-{:08x}", now_micros / 1_000, random as u32)
}

/// Whether it has the form of an id.
pub fn is_id(id: &str) -> bool {
    let is_hexadecimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    id.split_once('-').is_some_and(|(millis, random)| {
        let is_time = millis.len() == 14 && millis.bytes().all(|byte| byte.is_ascii_digit());
        is_time && random.len() == 8 && random.bytes().all(is_hexadecimal)
    })
}

/// What an id becomes in documents.
pub fn document_id(table_name: &str, id: &str) -> String {
    let (millis, random) = id.split_once('-').unwrap_or((id, ""));
    let left = MILLIS_MAX.saturating_sub(millis.parse().unwrap_or_default());
    format!("{left:014}-{random}/{table_name}")
}

/// Whether it has the form of what [`document_id`] makes.
pub fn is_document_id(id: &str) -> bool {
    id.split_once('/').is_some_and(|(id, _)| is_id(id))
}

/// What a client's token becomes in documents, whatever its length.
pub fn token_hash(token: &str) -> String {
    stdx::hex::encode(&Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_younger_ids_are_before_those_of_older_ones() {
        let (older, younger) = ("01796000000000-ffffffff", "01796000000001-00000000");
        assert!(document_id("zzz", younger) < document_id("aaa", older));
        assert_eq!(document_id("abc", older), "98203999999999-ffffffff/abc");
        assert!(is_document_id(&document_id("abc", older)));
        assert_eq!(new_id(1_796_000_000_000_123, u64::MAX), older);
    }
}
