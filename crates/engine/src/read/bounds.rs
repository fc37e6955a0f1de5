//! The range of row keys behind a key condition or a scan segment; half-open.

use super::scan::Segment;
use crate::keys::{IndexPartition, KeyBuf, index_prefix, successor};
use crate::table::{Index, Table};
use expr::{BoundKeyCondition, RangeCondition};
use types::ValueBuf;
use types::value::key_bytes;

/// From the first key to the one after the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bounds {
    pub start: KeyBuf,
    pub end: KeyBuf,
}

impl Bounds {
    pub(super) fn contains(&self, key: &[u8]) -> bool {
        self.start.as_slice() <= key && key < self.end.as_slice()
    }

    /// What the condition selects.
    pub(super) fn of_query(table: &Table, index: Option<&Index>, key: &BoundKeyCondition) -> Bounds {
        let hash: Vec<&[u8]> = key.hash.iter().map(bytes).collect();
        Bounds::of_partition(IndexPartition::of(table, index, hash.iter().copied()), key)
    }

    /// What the sort key part of the condition selects in a partition.
    pub(super) fn of_partition(mut partition: IndexPartition, key: &BoundKeyCondition) -> Bounds {
        // An equality that nothing follows is a condition of its own.
        let (leading, last) = match (&key.range, key.range_prefix.split_last()) {
            (None, Some((last, leading))) => (leading, Some(last)),
            _ => (key.range_prefix.as_slice(), None),
        };
        leading.iter().for_each(|value| partition.narrow(bytes(value)));
        let (first, end) = partition.all();
        let (start, end) = match (&key.range, last) {
            (None, None) => (first, end),
            (None, Some(value)) => (partition.at(bytes(value)), partition.after(bytes(value))),
            (Some(range), _) => range_bounds(&partition, range, (first, end)),
        };
        Bounds { start, end }
    }

    /// What a scan, or one segment of it, walks over: segments divide the hash's top 64 bits evenly.
    pub(super) fn of_scan(table: &Table, index: Option<&Index>, segment: Option<Segment>) -> Bounds {
        let prefix = index_prefix(table.id, index.map_or(0, |index| index.number));
        let Segment { number, total } = segment.unwrap_or(Segment { number: 0, total: 1 });
        let edge = |segment: u32| match segment >= total {
            true => successor(&prefix),
            false => {
                let mut key = prefix.clone();
                let top = (u128::from(segment) << 64) / u128::from(total);
                key.extend_from_slice(&(top as u64).to_be_bytes());
                key
            }
        };
        Bounds { start: edge(number), end: edge(number.saturating_add(1)) }
    }
}

fn range_bounds(
    partition: &IndexPartition,
    range: &RangeCondition,
    all: (KeyBuf, KeyBuf),
) -> (KeyBuf, KeyBuf) {
    let (first, end) = all;
    match range {
        RangeCondition::Lt(value) => (first, partition.at(bytes(value))),
        RangeCondition::Le(value) => (first, partition.after(bytes(value))),
        RangeCondition::Gt(value) => (partition.after(bytes(value)), end),
        RangeCondition::Ge(value) => (partition.at(bytes(value)), end),
        RangeCondition::Between(low, high) => (partition.at(bytes(low)), partition.after(bytes(high))),
        RangeCondition::BeginsWith(value) => partition.beginning_with(bytes(value)),
    }
}

/// Binding has checked the types of all values against the key schema.
fn bytes(value: &ValueBuf) -> &[u8] {
    key_bytes(value.as_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::table;

    #[test]
    fn segments_cover_everything_once() {
        let table = table();
        let whole = Bounds::of_scan(&table, None, None);
        for total in [1, 2, 3, 7, 1_000] {
            let mut at = whole.start.to_vec();
            for number in 0..total {
                let part = Bounds::of_scan(&table, None, Some(Segment { number, total }));
                // The first edge is written with its eight zero bytes: nothing is between.
                assert!(at.as_slice() == part.start.as_slice() || number == 0);
                assert!(part.start < part.end);
                at = part.end.to_vec();
            }
            assert_eq!(at.as_slice(), whole.end.as_slice());
        }
    }
}
