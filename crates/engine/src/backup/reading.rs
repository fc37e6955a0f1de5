//! Reading the copy of an export, in lots, in the order of keys. Every row is checked; whether none is missing shows
//! the sum of the lots beside what the copy holds.

use super::{Backup, CopiedChange, CopiedItem, Totals};
use crate::engine::Engine;
use crate::keys::successor;
use crate::table::Scope;
use std::ops::Bound;
use stdx::future::Boxed;
use store::{Consistency, Direction, KeyRange, RangeRead, StoreError, Visit, Watch};
use types::MapRef;

/// Rows that are expected to be read in one go.
const ROWS_EXPECTED: usize = 1_000;

/// What a copy has of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Copied<'a> {
    /// The item at the time of the copy.
    Item(MapRef<'a>),
    /// What has happened to it between the times of the copy.
    Change {
        /// When it was changed last, in microseconds since the Unix epoch.
        time_micros: u64,
        /// Its key attributes.
        key: MapRef<'a>,
        /// The item before, where there was one.
        old: Option<MapRef<'a>>,
        /// The item behind, where there is one.
        new: Option<MapRef<'a>>,
    },
}

/// A lot that was read.
#[derive(Debug, Clone, Default)]
pub struct CopiedLot {
    /// What it holds.
    pub totals: Totals,
    /// Behind which key the next one begins; `None` where there is nothing more.
    pub last: Option<Vec<u8>>,
}

impl Engine {
    /// Resolves when a backup, or the copy of an export, was begun, completed or deleted, by any engine on the store.
    pub fn watch_backups(&self) -> Watch {
        use crate::catalog::document::{Kind, prefix};
        self.store().watch(&prefix(Kind::Backup))
    }

    /// The copy that an export has of a table.
    ///
    /// # Errors
    /// When the store fails, or its document is damaged or newer.
    pub fn export_copy<'a>(
        &'a self,
        scope: &'a Scope,
        table_name: &'a str,
        export_id: &'a str,
    ) -> Boxed<'a, Result<Option<Backup>, StoreError>> {
        Box::pin(async move { self.backup_or_copy(scope, table_name, &copy_id(export_id)).await })
    }

    /// Visits what the copy of an export has behind a key, until so many bytes of it were visited.
    ///
    /// # Errors
    /// When the store fails, its key cannot be used, or a row is damaged.
    pub async fn read_copy(
        &self,
        backup: &Backup,
        after: Option<&[u8]>,
        bytes_max: usize,
        mut visit: impl FnMut(Copied<'_>) + Send,
    ) -> Result<CopiedLot, StoreError> {
        let Backup { copy, table, sealing, .. } = backup;
        self.catalog().keys().learn_copy(*copy, table, sealing.as_ref()).await?;
        let prefix = copy.prefix();
        let end = successor(&prefix);
        let start = after.map_or(Bound::Included(&prefix[..]), Bound::Excluded);
        let (mut lot, mut bytes, mut fault) = (CopiedLot::default(), 0, None);
        let mut each = |key: &[u8], row: &[u8]| {
            bytes += row.len();
            if let Err(found) = take(backup, (&key[prefix.len()..], row), &mut lot.totals, &mut visit) {
                fault = Some(found);
                return Visit::Stop;
            }
            lot.last = Some(key.to_vec());
            if bytes < bytes_max { Visit::Continue } else { Visit::Stop }
        };
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let (direction, consistency) = (Direction::Forward, Consistency::Strong);
        let read = RangeRead { range, direction, consistency, rows_expected: ROWS_EXPECTED };
        self.store().range(read, &mut each).await?;
        fault.map_or(Ok(lot), Err)
    }
}

/// The id of the copy of an export: none of a backup.
pub(crate) fn copy_id(export_id: &str) -> String {
    format!("export-{export_id}")
}

fn take(
    backup: &Backup,
    (key, row): (&[u8], &[u8]),
    totals: &mut Totals,
    visit: &mut impl FnMut(Copied<'_>),
) -> Result<(), StoreError> {
    let corrupt = |fault: super::row::CopyFault| StoreError::Corrupt(fault.to_string());
    if !backup.has_changes {
        let copied = CopiedItem::read(key, row).map_err(corrupt)?;
        totals.add(&copied);
        if let Some((item, _)) = copied.item {
            visit(Copied::Item(item));
        }
        return Ok(());
    }
    let change = CopiedChange::read(key, row).map_err(corrupt)?;
    change.add_to(totals, row);
    visit(Copied::Change {
        time_micros: change.time_micros,
        key: change.key.as_ref(),
        old: change.old.as_ref().map(types::Item::as_ref),
        new: change.new.as_ref().map(types::Item::as_ref),
    });
    Ok(())
}

/// What the copy of an export is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportedSince {
    /// The table at a time, in microseconds since the Unix epoch: what was committed then is part of it.
    Time(u64),
    /// What has changed in it since a time and before another one.
    Changes {
        /// The first microsecond.
        from_micros: u64,
        /// The first one that is not part of it.
        to_micros: u64,
    },
}

impl ExportedSince {
    /// How old the oldest record of the feed is that the copy is made of.
    pub(crate) fn age_micros(self, now_micros: u64) -> u64 {
        match self {
            ExportedSince::Time(time) => now_micros.saturating_sub(time),
            ExportedSince::Changes { from_micros, .. } => now_micros.saturating_sub(from_micros),
        }
    }
}
