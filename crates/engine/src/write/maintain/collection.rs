//! The size of the item's collection, in tables with a local secondary index, and its limit. What another replica has
//! accepted is not refused here.

use super::ItemChange;
use crate::feed::Principal;
use crate::write::Refusal;
use crate::write::change::Change;
use stdx::limits::ITEM_COLLECTION_BYTES_MAX;

pub(in crate::write) fn update(
    item: &ItemChange<'_>,
    local_bytes: i64,
    change: &mut Change,
) -> Result<(), Refusal> {
    if !item.table.has_local_index() {
        return Ok(());
    }
    let delta = item.new_size_bytes as i64 - item.old_size_bytes as i64 + local_bytes;
    let size_bytes = item.collection_bytes.saturating_add_signed(delta);
    let is_limited = item.write.provenance().principal != Principal::Replication;
    if is_limited && delta > 0 && size_bytes > ITEM_COLLECTION_BYTES_MAX {
        return Err(Refusal::CollectionTooLarge);
    }
    change.collection_bytes = Some(size_bytes);
    change.written.collection = Some(item.write.collection_size(item.table, size_bytes));
    Ok(())
}
