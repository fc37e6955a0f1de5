//! Records the effects of a request on tables for their figures.

use super::{Consumed, Direction};
use crate::service::{DynamoDb, DynamoDbStreams};
use engine::stream::Stream;
use engine::{IndexKind, JobEvent, Table};
use figures::{Figures, TableNames};
use model::{ApiError, Detail};
use pipeline::Cx;
use std::sync::Arc;

/// The request is about this table.
pub fn note_table(cx: &Cx<'_, DynamoDb>, table: &Table) {
    cx.tally.table(table.id, table.schema_version, || names(table));
}

/// Local indexes have no figures of their own: what they consume is the table's.
pub(super) fn consumed(cx: &Cx<'_, DynamoDb>, direction: Direction, consumed: &Consumed, table: &Table) {
    let note = |index, units| match direction {
        Direction::Read => cx.tally.consumed_read(table.id, index, units),
        Direction::Write => cx.tally.consumed_write(table.id, index, units),
    };
    note(0, consumed.table);
    for (position, spent) in &consumed.indexes {
        let global = table.indexes.get(*position).filter(|index| index.kind == IndexKind::Global);
        note(global.map_or(0, |index| index.number), spent.units);
    }
}

/// GetRecords has read a stream. Where the table is gone, nobody's figures show it.
pub fn note_stream(cx: &Cx<'_, DynamoDbStreams>, stream: &Stream, records: usize, bytes: usize) {
    if let Some(table) = cx.service.engine.table(&stream.scope, &stream.table_name) {
        cx.tally.table(table.id, table.schema_version, || names(&table));
        cx.tally.returned_records(table.id, stream.label.as_str().into(), records, bytes);
    }
}

/// Why a transaction was cancelled; `tables` are those of its actions.
pub fn note_cancelled<'t>(
    cx: &Cx<'_, DynamoDb>,
    tables: impl Iterator<Item = &'t Arc<Table>>,
    error: &ApiError,
) {
    let Some(Detail::CancellationReasons(reasons)) = error.detail.as_deref() else { return };
    for (table, reason) in tables.zip(reasons) {
        match reason.code {
            Some("ConditionalCheckFailed") => cx.tally.condition_failed(table.id),
            Some("TransactionConflict") => cx.tally.transaction_conflict(table.id),
            _ => {}
        }
    }
}

/// A job has done something to a table.
pub fn note_event(figures: &Figures, table: &Table, event: JobEvent) {
    let (id, version, names) = (table.id, table.schema_version, || names(table));
    match event {
        JobEvent::Expired { items } => figures.expired(id, version, names, items),
        JobEvent::IndexBuilt { index, percent, write_units } => {
            figures.index_built(id, version, names, (index, percent, write_units));
        }
    }
}

/// By which the figures know a table.
pub(crate) fn names(table: &Table) -> TableNames {
    let indexes = table.indexes.iter().filter(|index| index.kind == IndexKind::Global);
    TableNames {
        account: Arc::clone(&table.scope.account),
        region: Arc::clone(&table.scope.region),
        table: table.name.as_str().into(),
        indexes: indexes.map(|index| (index.number, index.name.as_str().into())).collect(),
    }
}
