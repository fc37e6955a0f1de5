//! The key of an item's row.

use super::hash::{Hash, hash128};
use super::{HASH_AT, KeyBuf, KeyFault, index_prefix};
use crate::table::{KeyAttribute, Table};
use smallvec::SmallVec;
use stdx::limits::{PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use types::value::key_bytes;
use types::{Item, MapRef, Type, ValueRef};

/// Where an item of a table stands in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemKey {
    bytes: KeyBuf,
}

impl ItemKey {
    /// The row key of an item; other attributes than the key's do not matter.
    pub fn of(table: &Table, item: &Item) -> Result<ItemKey, KeyFault> {
        ItemKey::of_map(table, item.as_ref())
    }

    /// The row key behind a key, which has exactly the table's key attributes. Which attributes there are is
    /// judged before their values.
    pub fn exact(table: &Table, key: &Item) -> Result<ItemKey, KeyFault> {
        let key = key.as_ref();
        if let Some((name, _)) = key.iter().find(|(name, _)| !table.key.contains(name)) {
            return Err(KeyFault::NotInSchema { name: name.to_owned() });
        }
        match table.key.attributes().find(|attribute| key.get_bytes(&attribute.name).is_none()) {
            Some(absent) => Err(KeyFault::Missing { name: absent.name.clone() }),
            None => ItemKey::of_map(table, key),
        }
    }

    pub(crate) fn of_map(table: &Table, item: MapRef<'_>) -> Result<ItemKey, KeyFault> {
        let hash = read_all(&table.key.hash, item)?;
        check_lengths(&hash, &[])?; // the partition key is judged whole before the sort key is looked at
        let range = read_all(&table.key.range, item)?;
        check_lengths(&[], &range)?;
        let mut bytes = index_prefix(table.id, 0);
        bytes.extend_from_slice(&hash128(&table.hash_key, hash.iter().copied()));
        range.iter().for_each(|value| bytes.extend_from_slice(value));
        Ok(ItemKey { bytes })
    }

    /// The row key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the partition key.
    pub(crate) fn hash(&self) -> &[u8] {
        &self.bytes[HASH_AT..HASH_AT + size_of::<Hash>()]
    }

    /// A hash of the whole item key: what tells index entries of equal index keys apart.
    pub(crate) fn tie_break(&self, table: &Table) -> Hash {
        hash128(&table.hash_key, [&self.bytes[HASH_AT..]].into_iter())
    }
}

type KeyValues<'a> = SmallVec<[&'a [u8]; 4]>;

/// The key bytes of all these attributes, checked against their types and for emptiness.
pub(super) fn read_all<'a>(attributes: &[KeyAttribute], item: MapRef<'a>) -> Result<KeyValues<'a>, KeyFault> {
    attributes.iter().map(|attribute| read_one(attribute, item)).collect()
}

fn read_one<'a>(attribute: &KeyAttribute, item: MapRef<'a>) -> Result<&'a [u8], KeyFault> {
    let name = || attribute.name.clone();
    let encoded = item.get_bytes(&attribute.name).ok_or_else(|| KeyFault::Missing { name: name() })?;
    let (expected, actual) = (attribute.ty.as_type(), ValueRef::read(encoded).kind());
    let bytes = key_bytes(encoded).filter(|_| expected == actual);
    let bytes = bytes.ok_or_else(|| KeyFault::WrongType { name: name(), expected, actual })?;
    if bytes.is_empty() && expected != Type::N {
        return Err(KeyFault::Empty { name: name(), ty: expected });
    }
    Ok(bytes)
}

pub(super) fn check_lengths(hash: &[&[u8]], range: &[&[u8]]) -> Result<(), KeyFault> {
    let total = |values: &[&[u8]]| values.iter().map(|value| value.len()).sum::<usize>();
    if total(hash) > PARTITION_KEY_BYTES_MAX {
        return Err(KeyFault::PartitionTooLong);
    }
    if total(range) > SORT_KEY_BYTES_MAX {
        return Err(KeyFault::SortTooLong);
    }
    Ok(())
}
