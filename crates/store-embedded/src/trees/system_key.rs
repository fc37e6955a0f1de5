//! Keys of the system tree: a letter for the kind, then what it names.

const RECORD: u8 = b'r';
const COUNTER: u8 = b'c';
const DROP: u8 = b'd';
const TRIM: u8 = b't';

/// A document.
pub(crate) fn record(key: &[u8]) -> Vec<u8> {
    [&[RECORD], key].concat()
}

/// The document's own key.
pub(crate) fn split_record(key: &[u8]) -> &[u8] {
    key.get(1..).unwrap_or_default()
}

/// A counter's value.
pub(crate) fn counter(id: u64) -> [u8; 9] {
    numbered(COUNTER, id)
}

/// A dropped range that is not reclaimed yet, by the position that dropped it.
pub(crate) fn drop(position: u64) -> [u8; 9] {
    numbered(DROP, position)
}

/// Up to where a feed was forgotten.
pub(crate) fn trim(feed: u64) -> [u8; 9] {
    numbered(TRIM, feed)
}

/// All keys of counters, of drops, of trims.
pub(crate) const COUNTERS: (&[u8], &[u8]) = (&[COUNTER], &[COUNTER + 1]);
/// See [`COUNTERS`].
pub(crate) const DROPS: (&[u8], &[u8]) = (&[DROP], &[DROP + 1]);
/// See [`COUNTERS`].
pub(crate) const TRIMS: (&[u8], &[u8]) = (&[TRIM], &[TRIM + 1]);

/// The number in a key that has one.
pub(crate) fn number(key: &[u8]) -> Option<u64> {
    key.get(1..)?.try_into().ok().map(u64::from_be_bytes)
}

fn numbered(kind: u8, number: u64) -> [u8; 9] {
    let mut key = [kind; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}
