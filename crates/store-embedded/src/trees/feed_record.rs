//! Feed records: `feed u64 | position u64 | index u32` (big-endian, so that they sort) → `time u64 | bytes`.

use crate::format::u64_at;

const KEY_BYTES: usize = 20;
const TIME_BYTES: usize = 8;

/// Position and index of a record: a place in its feed.
pub(crate) type Place = (u64, u32);

/// The key of a record.
pub(crate) fn key(feed: u64, position: u64, index: u32) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    key[..8].copy_from_slice(&feed.to_be_bytes());
    key[8..16].copy_from_slice(&position.to_be_bytes());
    key[16..].copy_from_slice(&index.to_be_bytes());
    key
}

/// Feed, position and index of a key.
pub(crate) fn split_key(key: &[u8]) -> Option<(u64, u64, u32)> {
    let key: &[u8; KEY_BYTES] = key.try_into().ok()?;
    let number = |at: usize| u64::from_be_bytes(key[at..at + 8].try_into().expect("eight bytes"));
    Some((number(0), number(8), u32::from_be_bytes(key[16..].try_into().expect("four bytes"))))
}

/// The stored value of a record.
pub(crate) fn value(time_micros: u64, bytes: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(TIME_BYTES + bytes.len());
    value.extend_from_slice(&time_micros.to_le_bytes());
    value.extend_from_slice(bytes);
    value
}

/// Time and bytes of a stored value.
pub(crate) fn split_value(value: &[u8]) -> (u64, &[u8]) {
    (u64_at(value, 0), value.get(TIME_BYTES..).unwrap_or_default())
}
