//! The entries of the secondary indexes, their count and size, and the units of each.

use super::ItemChange;
use crate::index::{EntryChange, entry_change, mark_row};
use crate::table::{Index, IndexKind, IndexStatus};
use crate::write::IndexCost;
use crate::write::change::Change;
use store::RowWrite;
use types::MapRef;

/// Returns how much the entries of local indexes have grown.
pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) -> i64 {
    let mut local_bytes = 0;
    for (position, index) in item.table.indexes.iter().enumerate() {
        if index.status == IndexStatus::Deleting {
            continue;
        }
        // An entry that the backfill has not brought yet is neither there nor counted.
        let old = item.old.filter(|_| !item.marks.lack(position));
        if item.marks.lack(position) {
            change.rows.push(mark_row(item.table, index.number, item.write.key().as_bytes()));
        }
        let Some(entry) = entry_change(item.table, index, item.write.key(), old, item.new) else {
            continue;
        };
        if index.kind == IndexKind::Local {
            local_bytes += entry.size_bytes;
        }
        let costs = entry.costs().map(|(range, units)| IndexCost { index: position, units, position: range });
        change.written.index_costs.extend(costs);
        put_entry(item, index, entry, change);
    }
    local_bytes
}

fn put_entry(item: &ItemChange<'_>, index: &Index, entry: EntryChange<'_>, change: &mut Change) {
    change.count(item.table.count_counter(index.number), entry.count);
    change.count(item.table.size_counter(index.number), entry.size_bytes);
    if let Some(key) = entry.delete {
        change.rows.push(RowWrite { key: key.to_vec(), row: None });
    }
    if let Some((key, projected, size)) = entry.put {
        let row = Some(item.row(MapRef::new(&projected), size));
        change.rows.push(RowWrite { key: key.to_vec(), row });
    }
}
