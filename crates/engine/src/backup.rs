//! Backups of tables: the items of a table as they were at one position, which outlive it.
//!
//! The commit that begins a backup makes the table's feed record old images, and leaves a boundary in it. A job copies
//! the items as they are, and then puts back what has changed behind the boundary: of each item the first old image.
//! So a backup costs nothing before its answer, holds up no write, needs no snapshot of a store, and is resumed by any
//! engine on the store. The same copy with another place in the feed is the table as it was at a time.
//!
//! An export reads a copy of its own, which is in no list: of the table as it was at a time, or of what has changed
//! in it between two times.
//!
//! Does not know ARNs or texts.

mod change;
mod document;
mod reading;
mod row;

use crate::feed::{Consumer, ConsumerKind};
use crate::table::{StreamView, Table};

pub(crate) use change::CopiedChange;
pub use document::{Backup, BackupKind, BackupPage, BackupStatus};
pub(crate) use document::{CopyId, all, put, read};
pub(crate) use reading::copy_id;
pub use reading::{Copied, CopiedLot, ExportedSince};
pub(crate) use row::CopiedItem;
pub use row::Totals;

/// A record of the feed that the job of a copy has not read yet is not trimmed: it keeps what it needs.
const RETENTION_MICROS: u64 = 10 * 60 * 1_000_000;

/// The table with old images recorded for a copy that is made of it, under a name that the copy has alone.
pub(crate) fn recorded_for(table: &Table, id: &str) -> Table {
    recorded_since(table, id, 0)
}

/// The same where the job reads records that are already so old.
pub(crate) fn recorded_since(table: &Table, id: &str, age_micros: u64) -> Table {
    let mut next = Table { schema_version: table.schema_version + 1, ..table.clone() };
    next.consumers.push(Consumer {
        kind: ConsumerKind::Backup,
        id: id.to_owned(),
        view: Some(StreamView::OldImage),
        retention_micros: RETENTION_MICROS.saturating_add(age_micros),
        acknowledges: false,
    });
    next
}
