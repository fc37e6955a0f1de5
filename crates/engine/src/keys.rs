//! The only builder of row keys.
//!
//! ```text
//! 1 | table u32 BE | 0 u16          | hash128(partition key) | sort key bytes                       an item
//! 1 | table u32 BE | index u16 BE   | hash128(index hash)    | (escaped range attribute 00 01)* | hash128(item key)
//! 2 | account length u8 | account | operation u8 | token                                     an idempotency token
//! 3 | table u32 BE | hash128(partition key)                                         the size of an item collection
//! 4 | job                                                                            the lease of a job
//! 5 | table u32 BE | index u16 BE   | hash128(partition key) | sort key bytes          a mark of a backfill
//! 6 | name                                                                             a secret of the servers
//! 7 | table u32 BE | schema version u64 BE | seconds u64 BE | hash128(item key)        when an item expires
//! 8 | service | kind | account | region | id                                           a document of a service
//! 9 | …                                                          Kinesis streams, see `services/kinesis`
//! 10 | …                                                         events of logs, see `services/logs`
//! 11 | …                                                          points of metrics, see `services/cloudwatch`
//! 13 | package 32 hexadecimal digits | piece u32 BE                                  the code of functions
//! 14 | table u32 BE | version u64 BE | hash128(partition key) | sort key bytes          an item copied for a backup
//! 21 | …                                                         buckets and objects, see `services/s3`
//! 23 | table u32 BE | schema version u64 BE | hash128(partition key) | sort key bytes   the tombstone of an item
//! ```
//!
//! Writers of strongly consistent replicas lock the place of a tombstone (`transact::everywhere`), where there is none.
//!
//! The store builds those of leases, secrets and documents (`store::lease`, `store::secret`, `store::documents`),
//! services those of their own kinds.
//!
//! The hash is SipHash-2-4 with 128 bits, keyed per table; its top 64 bits are its first eight bytes, big-endian.
//! One attribute is hashed as its key bytes, several as their concatenation, each after its length. Sort keys
//! are raw at the end of a base key; in index keys `00` becomes `00 FF`, so that attributes compare one
//! after another.

mod bound;
mod fault;
mod hash;
mod index_key;
mod item_key;
mod key_item;
mod time_key;

pub(crate) use bound::{IndexPartition, successor};
pub use fault::KeyFault;
pub(crate) use hash::{Hash, hash128};
pub(crate) use index_key::index_key;
pub use item_key::ItemKey;
pub(crate) use item_key::partition_hash;
pub(crate) use key_item::key_item;
pub(crate) use time_key::{seconds_of, table_times_prefix, time_key, times_from, times_prefix};

use crate::backup::CopyId;
use crate::table::Table;
use smallvec::SmallVec;

/// A key under construction; keys of ordinary length never leave the stack.
pub(crate) type KeyBuf = SmallVec<[u8; 96]>;

const KIND_ROW: u8 = 1;
const KIND_TOKEN: u8 = 2;
const KIND_COLLECTION: u8 = 3;
const KIND_MARK: u8 = 5;
const KIND_TIME: u8 = 7;
const KIND_COPY: u8 = 14;
const KIND_TOMBSTONE: u8 = 23;

/// Where the hash begins in the key of an item or index entry.
pub(crate) const HASH_AT: usize = 7;

/// Where in the ranges of key hashes the key of an item or an index entry is: the first 64 bits of its hash.
pub(crate) fn range_position(key: &[u8]) -> u64 {
    key[HASH_AT..].first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// What all rows of a table begin with: its items and the entries of all its indexes.
pub(crate) fn table_prefix(table_id: u32) -> KeyBuf {
    let mut key = KeyBuf::new();
    key.push(KIND_ROW);
    key.extend_from_slice(&table_id.to_be_bytes());
    key
}

/// The table that a row with attributes of items is of: an item, an index entry, a row of the time index,
/// a tombstone.
pub(crate) fn table_of_row(key: &[u8]) -> Option<u32> {
    match key {
        [KIND_ROW | KIND_TIME | KIND_TOMBSTONE, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

/// The copy that a copied item is of.
pub(crate) fn copy_of_row(key: &[u8]) -> Option<CopyId> {
    let (table_id, rest) = key.strip_prefix(&[KIND_COPY])?.split_first_chunk()?;
    let version = u64::from_be_bytes(*rest.first_chunk()?);
    Some(CopyId { table_id: u32::from_be_bytes(*table_id), version })
}

/// What all rows of one index begin with; index 0 is the table itself.
pub(crate) fn index_prefix(table_id: u32, index: u16) -> KeyBuf {
    let ([a, b, c, d], [e, f]) = (table_id.to_be_bytes(), index.to_be_bytes());
    KeyBuf::from_slice(&[KIND_ROW, a, b, c, d, e, f])
}

/// What the sizes of all item collections of a table begin with.
pub(crate) fn collections_prefix(table_id: u32) -> KeyBuf {
    let mut key = KeyBuf::new();
    key.push(KIND_COLLECTION);
    key.extend_from_slice(&table_id.to_be_bytes());
    key
}

/// The row that holds the size of the collection an item belongs to.
pub(crate) fn collection_key(table: &Table, item: &ItemKey) -> KeyBuf {
    let mut key = collections_prefix(table.id);
    key.extend_from_slice(item.hash());
    key
}

/// What all idempotency tokens begin with.
pub(crate) const TOKENS_PREFIX: &[u8] = &[KIND_TOKEN];

/// The row of an idempotency token.
pub(crate) fn token_key(account: &str, operation: u8, token: &str) -> KeyBuf {
    let account = &account.as_bytes()[..account.len().min(usize::from(u8::MAX))];
    let mut key = KeyBuf::new();
    key.push(KIND_TOKEN);
    key.push(account.len() as u8);
    key.extend_from_slice(account);
    key.push(operation);
    key.extend_from_slice(token.as_bytes());
    key
}

/// What all marks of an index that is being built begin with.
pub(crate) fn marks_prefix(table_id: u32, index: u16) -> KeyBuf {
    let mut key = index_prefix(table_id, index);
    key[0] = KIND_MARK;
    key
}

/// What the marks of all indexes of a table begin with.
pub(crate) fn table_marks_prefix(table_id: u32) -> KeyBuf {
    let mut key = table_prefix(table_id);
    key[0] = KIND_MARK;
    key
}

/// The mark that an index has an item's entry, and counts it.
pub(crate) fn mark_key(table: &Table, index: u16, item: &[u8]) -> KeyBuf {
    let mut key = marks_prefix(table.id, index);
    key.extend_from_slice(&item[HASH_AT..]);
    key
}

/// What the items of a copy begin with.
pub(crate) fn copy_prefix(table_id: u32, version: u64) -> KeyBuf {
    let mut key = table_prefix(table_id);
    key[0] = KIND_COPY;
    key.extend_from_slice(&version.to_be_bytes());
    key
}

/// What all tombstones of a table begin with, whenever it became a replica.
pub(crate) fn table_tombstones_prefix(table_id: u32) -> KeyBuf {
    let mut key = table_prefix(table_id);
    key[0] = KIND_TOMBSTONE;
    key
}

/// What the tombstones begin with of a table that became a replica in this schema version.
pub(crate) fn tombstones_prefix(table_id: u32, since_version: u64) -> KeyBuf {
    let mut key = table_tombstones_prefix(table_id);
    key.extend_from_slice(&since_version.to_be_bytes());
    key
}

/// The tombstone of an item.
pub(crate) fn tombstone_key(table_id: u32, since_version: u64, item: &[u8]) -> KeyBuf {
    let mut key = tombstones_prefix(table_id, since_version);
    key.extend_from_slice(&item[HASH_AT..]);
    key
}
