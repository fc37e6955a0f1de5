//! The key of an item's row.

use super::hash::{Hash, Joined, Joiner, hash_joined};
use super::{HASH_AT, KeyBuf, KeyFault, index_prefix};
use crate::table::{KeyAttribute, KeySchema, Table};
use stdx::limits::{PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use types::value::key_bytes;
use types::{Item, MapRef, Type};

/// The key of an item's row in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemKey {
    bytes: KeyBuf,
    /// The bytes the hash in the key was made of: an item is compared with them without hashing again.
    partition: Joined,
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
        let row_key = ItemKey::of_map(table, key);
        if row_key.is_ok() && key.len() == table.key.attributes().count() {
            return row_key;
        }
        check_names(table, key)?;
        row_key
    }

    pub(crate) fn of_map(table: &Table, item: MapRef<'_>) -> Result<ItemKey, KeyFault> {
        let mut partition = Joiner::new(table.key.hash.len());
        let length = read_each(&table.key.hash, item, |value| partition.push(value))?;
        check_partition_length(length)?; // the whole partition key is checked before the sort key
        let partition = partition.joined;
        let mut bytes = index_prefix(table.id, 0);
        bytes.extend_from_slice(&hash_joined(&table.hash_key, &partition));
        check_sort_length(read_each(&table.key.range, item, |value| bytes.extend_from_slice(value))?)?;
        Ok(ItemKey { bytes, partition })
    }

    /// Whether an item is the one of this key.
    pub(crate) fn is_of(&self, table: &Table, item: MapRef<'_>) -> bool {
        let mut partition = Joiner::new(table.key.hash.len());
        let hash = read_each(&table.key.hash, item, |value| partition.push(value));
        let mut sort = Some(self.sort());
        let range =
            read_each(&table.key.range, item, |value| sort = sort.and_then(|left| left.strip_prefix(value)));
        hash.is_ok() && range.is_ok() && partition.joined == self.partition && sort == Some(&[])
    }

    /// The bytes of the partition key, where that is one attribute.
    pub fn partition(&self) -> &[u8] {
        &self.partition
    }

    /// The bytes of the sort key.
    pub fn sort(&self) -> &[u8] {
        &self.bytes[HASH_AT + size_of::<Hash>()..]
    }

    /// The row key.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first 64 bits of the hash of the partition key: ranges of keys are divided by it.
    pub fn range_position(&self) -> u64 {
        self.hash().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// The hash of the partition key.
    pub(crate) fn hash(&self) -> &[u8] {
        &self.bytes[HASH_AT..HASH_AT + size_of::<Hash>()]
    }

    /// A hash of the whole item key: it distinguishes index entries of equal index keys.
    pub(crate) fn tie_break(&self, table: &Table) -> Hash {
        hash_joined(&table.hash_key, &self.bytes[HASH_AT..])
    }
}

/// The hash of the partition key among these attributes; `None` if they are not all there.
pub(crate) fn partition_hash(hash_key: &[u8; 16], key: &KeySchema, item: MapRef<'_>) -> Option<Hash> {
    let mut partition = Joiner::new(key.hash.len());
    read_each(&key.hash, item, |value| partition.push(value)).ok()?;
    Some(hash_joined(hash_key, &partition.joined))
}

/// Refuses a key without exactly the table's key attributes.
#[cold]
fn check_names(table: &Table, key: MapRef<'_>) -> Result<(), KeyFault> {
    if let Some((name, _)) = key.iter().find(|(name, _)| !table.key.contains(name)) {
        return Err(KeyFault::NotInSchema { name: name.to_owned() });
    }
    match table.key.attributes().find(|attribute| key.get_bytes(&attribute.name).is_none()) {
        Some(absent) => Err(KeyFault::Missing { name: absent.name.clone() }),
        None => Ok(()),
    }
}

/// Reads the key bytes of all these attributes, checked against their types and for emptiness. Returns their length
/// together.
pub(super) fn read_each<'a>(
    attributes: &[KeyAttribute],
    item: MapRef<'a>,
    mut take: impl FnMut(&'a [u8]),
) -> Result<usize, KeyFault> {
    let mut length = 0;
    for attribute in attributes {
        let value = read_one(attribute, item)?;
        length += value.len();
        take(value);
    }
    Ok(length)
}

#[inline]
fn read_one<'a>(attribute: &KeyAttribute, item: MapRef<'a>) -> Result<&'a [u8], KeyFault> {
    let encoded = item.get_bytes(&attribute.name);
    let of_type = encoded.filter(|encoded| Type::of_encoded(encoded) == attribute.ty.as_type());
    match of_type.and_then(key_bytes) {
        Some(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(fault(attribute, encoded)),
    }
}

/// What is wrong with the value of a key attribute. (A number is never empty.)
#[cold]
fn fault(attribute: &KeyAttribute, encoded: Option<&[u8]>) -> KeyFault {
    let (name, expected) = (attribute.name.clone(), attribute.ty.as_type());
    match encoded.map(Type::of_encoded) {
        None => KeyFault::Missing { name },
        Some(actual) if actual == expected => KeyFault::Empty { name, ty: expected },
        Some(actual) => KeyFault::WrongType { name, expected, actual },
    }
}

pub(super) fn check_partition_length(bytes: usize) -> Result<(), KeyFault> {
    if bytes > PARTITION_KEY_BYTES_MAX { Err(KeyFault::PartitionTooLong) } else { Ok(()) }
}

pub(super) fn check_sort_length(bytes: usize) -> Result<(), KeyFault> {
    if bytes > SORT_KEY_BYTES_MAX { Err(KeyFault::SortTooLong) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::KeyType;
    use crate::table::testing::{attribute, table};
    use types::{ItemBuilder, Value};

    fn item(attributes: &[(&str, Value)]) -> Item {
        let mut item = ItemBuilder::new();
        attributes.iter().for_each(|(name, value)| _ = item.put(name, value));
        item.build()
    }

    fn s(text: &str) -> Value {
        Value::S(text.to_owned())
    }

    #[test]
    fn an_item_is_told_by_its_key_attributes() {
        let (table, n) = (table(), |value: i64| Value::N(value.into()));
        let key = ItemKey::of(&table, &item(&[("pk", s("a")), ("sk", n(1))])).unwrap();
        for (attributes, expected) in [
            (vec![("pk", s("a")), ("sk", n(1)), ("v", n(5))], true),
            (vec![("pk", s("b")), ("sk", n(1))], false),
            (vec![("pk", s("a")), ("sk", n(12))], false),
            (vec![("pk", s("a")), ("sk", s("1"))], false),
            (vec![("pk", s("a"))], false),
            (vec![("sk", n(1))], false),
        ] {
            assert_eq!(key.is_of(&table, item(&attributes).as_ref()), expected, "{attributes:?}");
        }
    }

    #[test]
    fn attributes_of_one_half_are_kept_apart() {
        let mut table = table();
        table.key.hash = vec![attribute("a", KeyType::S), attribute("b", KeyType::S)];
        table.key.range.clear();
        let (one, other) = (item(&[("a", s("ab")), ("b", s("c"))]), item(&[("a", s("a")), ("b", s("bc"))]));
        let key = ItemKey::of(&table, &one).unwrap();
        assert!(key.is_of(&table, one.as_ref()) && !key.is_of(&table, other.as_ref()));
    }
}
