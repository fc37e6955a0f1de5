//! ExclusiveStartKey: from the key attributes back to the exact place, whether or not there still is an item.

use super::bounds::Bounds;
use crate::keys::{IndexPartition, ItemKey, KeyBuf, KeyFault, index_key};
use crate::table::{Index, Table};
use expr::BoundKeyCondition;
use types::Item;
use types::value::key_bytes;

/// Why a start key does not fit its request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartKeyFault {
    /// Attributes are missing, too many, of the wrong type or empty.
    Key(KeyFault),
    /// It is of another partition.
    OtherPartition {
        /// The attribute that differs is the last (or only) one of the partition key.
        last: bool,
    },
    /// The sort key condition does not hold for it.
    OutsideRange,
    /// It is of another segment of the scan.
    OutsideSegment,
}

impl From<KeyFault> for StartKeyFault {
    fn from(fault: KeyFault) -> Self {
        StartKeyFault::Key(fault)
    }
}

/// The row key a start key names: its attributes are exactly the keys of the table and the index.
pub(super) fn place(table: &Table, index: Option<&Index>, key: &Item) -> Result<KeyBuf, KeyFault> {
    let known = |name: &str| match index {
        Some(index) => table.is_key_of(index, name),
        None => table.key.contains(name),
    };
    if let Some((name, _)) = key.as_ref().iter().find(|(name, _)| !known(name)) {
        return Err(KeyFault::NotInSchema { name: name.to_owned() });
    }
    let base = ItemKey::of(table, key)?;
    match index {
        Some(index) => index_key(table, index, key.as_ref(), &base),
        None => Ok(KeyBuf::from_slice(base.as_bytes())),
    }
}

/// The place of a query's start key. Judged in DynamoDB's order: leading partition key attributes, the sort
/// key condition, the last partition key attribute.
pub(super) fn of_query(
    table: &Table,
    index: Option<&Index>,
    condition: &BoundKeyCondition,
    key: &Item,
) -> Result<KeyBuf, StartKeyFault> {
    let place = place(table, index, key)?;
    let schema = &index.map_or(&table.key, |index| &index.key).hash;
    let own: Vec<Option<&[u8]>> =
        schema.iter().map(|attribute| key.as_ref().get_bytes(&attribute.name)).collect();
    let differs = own.iter().zip(&condition.hash).position(|(own, asked)| *own != Some(asked.as_bytes()));
    let last = schema.len().saturating_sub(1);
    if differs.is_some_and(|at| at < last) {
        return Err(StartKeyFault::OtherPartition { last: false });
    }
    let hash: Vec<&[u8]> = own.iter().map(|value| value.and_then(key_bytes).unwrap_or_default()).collect();
    let own_partition = IndexPartition::of(table, index, hash.iter().copied());
    if !Bounds::of_partition(own_partition, condition).contains(&place) {
        return Err(StartKeyFault::OutsideRange);
    }
    match differs {
        Some(_) => Err(StartKeyFault::OtherPartition { last: true }),
        None => Ok(place),
    }
}

/// The place of a scan's start key, which must lie in its segment.
pub(super) fn of_scan(
    table: &Table,
    index: Option<&Index>,
    bounds: &Bounds,
    key: &Item,
) -> Result<KeyBuf, StartKeyFault> {
    let place = place(table, index, key)?;
    if bounds.contains(&place) { Ok(place) } else { Err(StartKeyFault::OutsideSegment) }
}
