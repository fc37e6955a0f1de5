//! Backups of tables: the items of a table as they were at one position, which outlive it.
//!
//! The commit that begins a backup makes the table's feed record old images, and leaves a boundary in it. A job copies
//! the items as they are, and then puts back what has changed behind the boundary: of each item the first old image.
//! So a backup costs nothing before its answer, holds up no write, needs no snapshot of a store, and is resumed by any
//! engine on the store. The same copy with another place in the feed is the table as it was at a time.
//!
//! Does not know ARNs or texts.

mod document;
mod row;

use crate::feed::{Consumer, ConsumerKind};
use crate::table::{StreamView, Table};

pub use document::{Backup, BackupKind, BackupPage, BackupStatus};
pub(crate) use document::{CopyId, all, put, read};
pub(crate) use row::CopiedItem;
pub use row::Totals;

/// A record of the feed that the job of a copy has not read yet is not trimmed: it keeps what it needs.
const RETENTION_MICROS: u64 = 10 * 60 * 1_000_000;

/// The table with old images recorded for a copy that is made of it, under a name that the copy has alone.
pub(crate) fn recorded_for(table: &Table, id: &str) -> Table {
    let mut next = Table { schema_version: table.schema_version + 1, ..table.clone() };
    next.consumers.push(Consumer {
        kind: ConsumerKind::Backup,
        id: id.to_owned(),
        view: Some(StreamView::OldImage),
        retention_micros: RETENTION_MICROS,
        acknowledges: false,
    });
    next
}
