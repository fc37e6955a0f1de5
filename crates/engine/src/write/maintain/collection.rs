//! The size of the item's collection, in tables with a local secondary index, and its limit.

use super::ItemChange;
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
    if delta > 0 && size_bytes > ITEM_COLLECTION_BYTES_MAX {
        return Err(Refusal::CollectionTooLarge);
    }
    change.collection_bytes = Some(size_bytes);
    change.written.collection = Some(item.write.collection_size(item.table, size_bytes));
    Ok(())
}
