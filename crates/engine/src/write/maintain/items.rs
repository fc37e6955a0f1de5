//! The row of the item, and the table's count and size of items.

use super::ItemChange;
use crate::write::change::Change;
use store::RowWrite;

pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) {
    let row = item.new.map(|new| item.row(new, item.new_size_bytes));
    change.rows.push(RowWrite { key: item.write.key().as_bytes().to_vec(), row });
    let count = i64::from(item.new.is_some()) - i64::from(item.old.is_some());
    change.count(item.table.count_counter(0), count);
    change.count(item.table.size_counter(0), item.new_size_bytes as i64 - item.old_size_bytes as i64);
}
