//! The key of an index entry's row.

use super::hash::{Joiner, hash_joined};
use super::item_key::{check_partition_length, check_sort_length, read_each};
use super::{ItemKey, KeyBuf, KeyFault, index_prefix};
use crate::table::{Index, Table};
use types::MapRef;

/// Ends an escaped range attribute; sorts below everything an escaped byte can be followed by.
const TERMINATOR: [u8; 2] = [0, 1];

/// The key of the entry an item has in an index. `item` holds the index key attributes: the item itself, an
/// entry, or an exclusive start key.
pub(crate) fn index_key(
    table: &Table,
    index: &Index,
    item: MapRef<'_>,
    base: &ItemKey,
) -> Result<KeyBuf, KeyFault> {
    let mut hash = Joiner::new(index.key.hash.len());
    let hash_length = read_each(&index.key.hash, item, |value| hash.push(value))?;
    let mut key = index_prefix(table.id, index.number);
    key.extend_from_slice(&hash_joined(&table.hash_key, &hash.joined));
    let range_length = read_each(&index.key.range, item, |value| put_range_attribute(&mut key, value))?;
    check_partition_length(hash_length)?;
    check_sort_length(range_length)?;
    key.extend_from_slice(&base.tie_break(table));
    Ok(key)
}

/// Appends a range attribute, escaped and terminated.
pub(super) fn put_range_attribute(key: &mut KeyBuf, value: &[u8]) {
    put_escaped(key, value);
    key.extend_from_slice(&TERMINATOR);
}

/// Appends the escaped bytes: what all values that begin with `value` begin with.
pub(super) fn put_escaped(key: &mut KeyBuf, value: &[u8]) {
    for part in value.split_inclusive(|byte| *byte == 0) {
        key.extend_from_slice(part);
        if part.last() == Some(&0) {
            key.push(0xFF);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(values: &[&[u8]]) -> Vec<u8> {
        let mut key = KeyBuf::new();
        values.iter().for_each(|value| put_range_attribute(&mut key, value));
        key.to_vec()
    }

    #[test]
    fn escaped_attributes_compare_one_after_another() {
        let values: [&[u8]; 8] = [b"\0", b"\0\0", b"\0\x01", b"a", b"a\0", b"a\0\xff", b"a\x01", b"ab"];
        let pairs: Vec<_> = values.iter().flat_map(|a| values.iter().map(move |b| [*a, *b])).collect();
        for left in &pairs {
            for right in &pairs {
                assert_eq!(left.cmp(right), encoded(left).cmp(&encoded(right)), "{left:?} {right:?}");
            }
        }
        assert_eq!(encoded(&[b"a\0b"]), b"a\0\xffb\0\x01");
    }
}
