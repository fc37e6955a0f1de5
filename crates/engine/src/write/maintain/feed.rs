//! The record of the change, with what the consumers of the table's feed need. A write that leaves the item
//! as it was has none; attributes that are put on the item behind the write are a second change of it.

use super::ItemChange;
use crate::feed::{ChangeRecord, FeedNeeds, Principal};
use crate::write::change::Change;
use types::{Item, MapRef};

pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) {
    let Some(needs) = item.table.feed_needs() else { return };
    if item.old == item.new {
        return;
    }
    let principal = item.write.provenance().principal;
    let time = item.replicated_time_micros();
    match item.between {
        None => record(item, needs, (item.old, item.new), (principal, time), change),
        // Only the second one is brought to other replicas.
        Some(_) => {
            record(item, needs, (item.old, item.between), (principal, None), change);
            record(item, needs, (item.between, item.new), (Principal::Replication, time), change);
        }
    }
}

fn record(
    item: &ItemChange<'_>,
    needs: FeedNeeds,
    (old, new): (Option<MapRef<'_>>, Option<MapRef<'_>>),
    (principal, write_time_micros): (Principal, Option<u64>),
    change: &mut Change,
) {
    let key = item.write.primary_key(item.table);
    let record = ChangeRecord {
        origin: item.write.provenance().origin.as_deref(),
        principal,
        write_time_micros,
        key: Item::as_ref(&key),
        existed: old.is_some(),
        exists: new.is_some(),
        old: old.filter(|_| needs.old_image),
        new: new.filter(|_| needs.new_image),
    };
    change.feed.push((item.table.feed_id(), record.encode()));
}
