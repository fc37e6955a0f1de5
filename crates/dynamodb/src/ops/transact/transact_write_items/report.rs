//! The answer of TransactWriteItems: consumed capacity, and sizes of item collections.

use super::bound_actions::BoundActions;
use crate::capacity::{
    Admission, CollectionReport, Consumed, Direction, Report, TransactCosts, collection_metrics,
};
use crate::service::DynamoDb;
use engine::meter::{transact_read_units, transact_write_units};
use engine::{Action, Transacted, Written};
use model::dynamodb::{ItemCollectionMetrics, TransactWriteItemsInput, TransactWriteItemsOutput};
use pipeline::Cx;
use std::collections::BTreeMap;

/// The reports that the request includes in its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReportOptions {
    pub(super) capacity: Report,
    collections: CollectionReport,
}

impl ReportOptions {
    pub(super) fn of(input: &TransactWriteItemsInput) -> ReportOptions {
        ReportOptions {
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
            collections: CollectionReport::of(input.return_item_collection_metrics.as_deref()),
        }
    }

    /// The answer. A replay is priced as reading what was written then, which takes nothing out of the capacity for
    /// writes.
    pub(super) fn output(
        self,
        cx: &Cx<'_, DynamoDb>,
        actions: &BoundActions,
        admissions: &[Admission<'_>],
        done: Transacted,
    ) -> TransactWriteItemsOutput {
        let direction = if done.replayed { Direction::Read } else { Direction::Write };
        let mut costs = TransactCosts::new(direction);
        let mut metrics = BTreeMap::new();
        let actions = actions.iter().zip(admissions);
        for (((name, table, write), admission), mut written) in actions.zip(done.actions) {
            cx.tally.item_bytes(table.id, written.old_size_bytes.max(written.new_size_bytes));
            let consumed = consumed(&written, direction);
            match direction {
                Direction::Read => admission.settle(cx, &Consumed::default()),
                Direction::Write => admission.settle(cx, &consumed),
            }
            costs.add(name.as_sent(), table, consumed);
            let is_check = matches!(write.action(), Action::Check { .. });
            let collection = written.collection.take().filter(|_| !is_check);
            if let Some(one) = collection_metrics(self.collections, collection) {
                add(metrics.entry(name.as_sent().to_owned()).or_default(), one);
            }
        }
        TransactWriteItemsOutput {
            consumed_capacity: costs.report(cx, self.capacity),
            item_collection_metrics: (!metrics.is_empty()).then_some(metrics),
        }
    }
}

/// The factor of transactions is on the table's part only.
fn consumed(written: &Written, direction: Direction) -> Consumed {
    let Written { old_size_bytes, new_size_bytes, .. } = *written;
    match direction {
        Direction::Read => Consumed::of_table(transact_read_units(old_size_bytes.max(new_size_bytes))),
        Direction::Write => {
            Consumed::of_table(transact_write_units(old_size_bytes, new_size_bytes)).with_indexes(written)
        }
    }
}

/// One entry for each partition, the one after its last write.
fn add(all: &mut Vec<ItemCollectionMetrics>, one: ItemCollectionMetrics) {
    all.retain(|earlier| earlier.item_collection_key != one.item_collection_key);
    all.push(one);
}
