//! The keys of a time index: by the second at which an item expires.

use super::{ItemKey, KIND_TIME, KeyBuf, table_prefix};
use crate::table::Table;

const SECONDS_AT: usize = 13;

/// What the time indexes of a table begin with, whenever its time to live was switched on.
pub(crate) fn table_times_prefix(table_id: u32) -> KeyBuf {
    let mut key = table_prefix(table_id);
    key[0] = KIND_TIME;
    key
}

/// What a time index begins with: that of the time to live switched on in this schema version.
pub(crate) fn times_prefix(table_id: u32, since_version: u64) -> KeyBuf {
    let mut key = table_times_prefix(table_id);
    key.extend_from_slice(&since_version.to_be_bytes());
    key
}

/// Below all keys of this second and above those of the seconds before.
pub(crate) fn times_from(table_id: u32, since_version: u64, seconds: u64) -> KeyBuf {
    let mut key = times_prefix(table_id, since_version);
    key.extend_from_slice(&seconds.to_be_bytes());
    key
}

/// The key of a row in the time index.
pub(crate) fn time_key(table: &Table, since_version: u64, seconds: u64, item: &ItemKey) -> KeyBuf {
    let mut key = times_from(table.id, since_version, seconds);
    key.extend_from_slice(&item.tie_break(table));
    key
}

/// The second in such a key.
pub(crate) fn seconds_of(key: &[u8]) -> Option<u64> {
    key.get(SECONDS_AT..)?.first_chunk().map(|seconds| u64::from_be_bytes(*seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::table;
    use types::{ItemBuilder, Value};

    #[test]
    fn keys_sort_by_time() {
        let item = ItemBuilder::new().put("pk", &Value::S("a".into())).put("sk", &Value::N(1.into())).build();
        let (table, item) = (table(), ItemKey::of(&table(), &item).unwrap());
        let key = |seconds| time_key(&table, 5, seconds, &item);
        assert_eq!(key(258)[..21], [7, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!((key(258).len(), seconds_of(&key(258))), (37, Some(258)));
        assert!(key(255) < key(256) && times_from(7, 5, 256) < key(256) && key(255) < times_from(7, 5, 256));
        assert!(key(1).starts_with(&times_prefix(7, 5)) && !key(1).starts_with(&times_prefix(7, 6)));
        assert_eq!(seconds_of(b"short"), None);
    }
}
