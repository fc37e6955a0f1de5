//! The row of the time index, in tables with time to live.

use super::ItemChange;
use crate::expiry::{expires_at, time_row};
use crate::write::change::Change;
use types::MapRef;

/// Deleting a row that the build has not written yet has no effect, and an unchanged row is left to the build.
pub(in crate::write) fn update(item: &ItemChange<'_>, change: &mut Change) {
    let Some(time_to_live) = &item.table.settings.time_to_live else { return };
    let at = |item: Option<MapRef<'_>>| item.and_then(|item| expires_at(time_to_live, item));
    let (old, new) = (at(item.old), at(item.new));
    if old == new {
        return;
    }
    let (table, key) = (item.table, item.write.key());
    change.rows.extend(old.map(|seconds| time_row(table, time_to_live, seconds, key, None)));
    if let Some(seconds) = new {
        let attributes = item.write.primary_key(table);
        change.rows.push(time_row(table, time_to_live, seconds, key, Some(&attributes)));
    }
}
