//! The tombstone of the item, in tables with replicas: there is one where the item was deleted, and none where it is
//! there.

use super::ItemChange;
use crate::replication::tombstone::{self, Tombstone};
use crate::write::change::Change;
use types::Item;

pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) {
    if item.table.tombstones_since().is_none() || (item.new.is_some() && !item.has_tombstone) {
        return;
    }
    let key = item.write.primary_key(item.table);
    let stone = item.new.is_none().then(|| Tombstone {
        write_time_micros: item.stamp.write_time_micros,
        origin: item.stamp.origin,
        key: Item::as_ref(&key),
    });
    change.rows.extend(tombstone::row(item.table, item.write.key(), stone));
}
