//! Bounds of key ranges: partitions of a table or index, narrowed by a sort condition.

use super::hash::hash128;
use super::index_key::{put_escaped, put_range_attribute};
use super::{KeyBuf, index_prefix};
use crate::table::{Index, Table};

/// The smallest key above everything that begins with `prefix`. Keys begin with a kind far below `FF`, so
/// there always is one.
pub(crate) fn successor(prefix: &[u8]) -> KeyBuf {
    let kept = prefix.iter().rposition(|byte| *byte != 0xFF).expect("keys begin with a kind below FF");
    let mut next = KeyBuf::from_slice(&prefix[..=kept]);
    next[kept] += 1;
    next
}

/// One partition of a table or of one of its indexes, narrowed by equalities on leading range attributes.
#[derive(Debug, Clone)]
pub(crate) struct IndexPartition {
    prefix: KeyBuf,
    /// Range attributes are escaped and something follows them.
    is_index: bool,
}

impl IndexPartition {
    /// The partition of these hash attributes' key bytes.
    pub(crate) fn of<'a>(
        table: &Table,
        index: Option<&Index>,
        hash: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> IndexPartition {
        let mut prefix = index_prefix(table.id, index.map_or(0, |index| index.number));
        prefix.extend_from_slice(&hash128(&table.hash_key, hash));
        IndexPartition { prefix, is_index: index.is_some() }
    }

    /// Everything of the partition, and of the equalities so far.
    pub(crate) fn all(&self) -> (KeyBuf, KeyBuf) {
        (self.prefix.clone(), successor(&self.prefix))
    }

    /// First key that could hold `value` in the next range attribute.
    pub(crate) fn at(&self, value: &[u8]) -> KeyBuf {
        let mut key = self.prefix.clone();
        match self.is_index {
            true => put_range_attribute(&mut key, value),
            false => key.extend_from_slice(value),
        }
        key
    }

    /// First key after all that hold `value` in the next range attribute.
    pub(crate) fn after(&self, value: &[u8]) -> KeyBuf {
        let mut key = self.at(value);
        match self.is_index {
            true => key = successor(&key),
            // Base keys end with the sort key: the next possible key is one zero byte longer.
            false => key.push(0),
        }
        key
    }

    /// First key and end of all whose next range attribute begins with `value`.
    pub(crate) fn beginning_with(&self, value: &[u8]) -> (KeyBuf, KeyBuf) {
        let mut key = self.prefix.clone();
        match self.is_index {
            true => put_escaped(&mut key, value),
            false => key.extend_from_slice(value),
        }
        let end = successor(&key);
        (key, end)
    }

    /// Narrows to those with `value` in the next range attribute; only for indexes, a table has one.
    pub(crate) fn narrow(&mut self, value: &[u8]) {
        self.prefix = self.at(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_is_above_the_prefix_and_below_the_rest() {
        assert_eq!(successor(b"\x01ab").as_slice(), b"\x01ac");
        assert_eq!(successor(b"\x01a\xff\xff").as_slice(), b"\x01b");
        assert_eq!(successor(b"\x01\xff").as_slice(), b"\x02");
    }
}
