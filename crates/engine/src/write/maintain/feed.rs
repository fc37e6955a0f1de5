//! The record of the change, with what the consumers of the table's feed need. A write that leaves the item
//! as it was has none.

use super::ItemChange;
use crate::feed::ChangeRecord;
use crate::write::change::Change;
use types::Item;

pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) {
    let Some(needs) = item.table.feed_needs() else { return };
    if item.old == item.new {
        return;
    }
    let key = item.write.primary_key(item.table);
    let provenance = item.write.provenance();
    let record = ChangeRecord {
        origin: provenance.origin.as_deref(),
        principal: provenance.principal,
        write_time_micros: item.replicated_time_micros(),
        key: Item::as_ref(&key),
        existed: item.old.is_some(),
        exists: item.new.is_some(),
        old: item.old.filter(|_| needs.old_image),
        new: item.new.filter(|_| needs.new_image),
    };
    change.feed = Some((item.table.feed_id(), record.encode()));
}
