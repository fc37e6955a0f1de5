//! The answer of TransactWriteItems: consumed capacity, and sizes of item collections.

use super::bound_actions::BoundActions;
use crate::capacity::{Admission, CollectionReport, Report, TransactCosts, collection_metrics};
use crate::service::DynamoDb;
use engine::{Action, Transacted};
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

    /// The answer.
    pub(super) fn output(
        self,
        cx: &Cx<'_, DynamoDb>,
        actions: &BoundActions,
        admissions: &[Admission<'_>],
        mut done: Transacted,
    ) -> TransactWriteItemsOutput {
        let costs = actions.iter().zip(admissions).zip(&done.actions);
        let costs =
            costs.map(|(((name, table, _), admission), written)| (name.as_sent(), table, admission, written));
        let consumed_capacity = TransactCosts::of_writes(cx, done.replayed, costs).report(cx, self.capacity);
        let mut metrics = BTreeMap::new();
        for ((name, _, write), written) in actions.iter().zip(&mut done.actions) {
            let is_check = matches!(write.action(), Action::Check { .. });
            let collection = written.collection.take().filter(|_| !is_check);
            if let Some(one) = collection_metrics(self.collections, collection) {
                add(metrics.entry(name.as_sent().to_owned()).or_default(), one);
            }
        }
        TransactWriteItemsOutput {
            consumed_capacity,
            item_collection_metrics: (!metrics.is_empty()).then_some(metrics),
        }
    }
}

/// One entry for each partition, the one after its last write.
fn add(all: &mut Vec<ItemCollectionMetrics>, one: ItemCollectionMetrics) {
    all.retain(|earlier| earlier.item_collection_key != one.item_collection_key);
    all.push(one);
}
