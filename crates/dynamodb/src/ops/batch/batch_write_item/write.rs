//! Writing the items of BatchWriteItem: each by itself, all under one commit.

use super::check::Requests;
use crate::capacity::{Admission, CollectionReport, Consumed, Direction, Report, Units, collection_metrics};
use crate::checks::table_ref::TableRef;
use crate::errors::{self, KeyUse};
use crate::service::DynamoDb;
use engine::meter::write_units;
use engine::{Action, KeyFault, Table, Write, WriteError, Written};
use model::ApiError;
use model::dynamodb::{
    BatchWriteItemOutput, ConsumedCapacity, DeleteRequest, ItemCollectionMetrics, PutRequest, WriteRequest,
};
use pipeline::Cx;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Item;
use wire::attribute::Attributes;

/// The writes of one table, as the request has them.
#[derive(Debug)]
pub(super) struct TableWrites {
    pub(super) table: TableRef,
    requests: Vec<ItemRequest>,
}

/// A WriteRequest, which has been checked to be one of these.
#[derive(Debug)]
enum ItemRequest {
    /// PutRequest, with the item.
    Put(Item),
    /// DeleteRequest, with the key.
    Delete(Item),
}

impl TableWrites {
    /// Of checked requests.
    pub(super) fn of((name, requests): (String, Vec<WriteRequest>)) -> TableWrites {
        let requests = requests.into_iter().map(ItemRequest::of).collect();
        TableWrites { table: TableRef::of(Some(name)), requests }
    }

    /// The items that are put, and the keys of those that are deleted.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.requests.iter().map(|request| match request {
            ItemRequest::Put(attributes) | ItemRequest::Delete(attributes) => attributes,
        })
    }
}

impl ItemRequest {
    fn of(request: WriteRequest) -> ItemRequest {
        match (request.put_request, request.delete_request) {
            (Some(put), _) => ItemRequest::Put(put.item.unwrap_or_default().item),
            (None, delete) => {
                ItemRequest::Delete(delete.and_then(|delete| delete.key).unwrap_or_default().item)
            }
        }
    }

    fn bind(self, table: &Table) -> Result<Write, KeyFault> {
        match self {
            ItemRequest::Put(item) => Write::put(table, item),
            ItemRequest::Delete(key) => Write::delete(table, key),
        }
    }
}

/// All writes of a request, table by table; `names` has the table's name as sent for each.
#[derive(Default)]
pub(super) struct BoundWrites {
    names: Vec<String>,
    writes: Vec<(Arc<Table>, Write)>,
}

impl BoundWrites {
    /// All tables, then all keys, those of indexes included, then items that come twice. Nothing is written when
    /// one of them is refused.
    pub(super) async fn bind(
        cx: &Cx<'_, DynamoDb>,
        wanted: Vec<TableWrites>,
    ) -> Result<BoundWrites, ApiError> {
        let tables = TableRef::resolve_each(cx, wanted.iter().map(|writes| &writes.table)).await;
        let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (mut names, mut writes) = (Vec::new(), Vec::new());
        for (TableWrites { table: name, requests }, table) in wanted.into_iter().zip(tables) {
            for request in requests {
                let write = request.bind(&table).map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?;
                write.check_index_keys(&table).map_err(|fault| errors::index_key_fault(&fault))?;
                writes.push((Arc::clone(&table), write));
                names.push(name.as_sent().to_owned());
            }
        }
        if has_duplicates(&writes) {
            return Err(ApiError::validation(errors::DUPLICATE_KEYS));
        }
        Ok(BoundWrites { names, writes })
    }

    /// Does them all but those that are throttled. The first that is refused is the call's error; the others are done
    /// all the same.
    pub(super) async fn run(self, cx: &Cx<'_, DynamoDb>, answer: &mut Answer) -> Result<(), ApiError> {
        let tables: Vec<_> = self.writes.iter().map(|(table, _)| Arc::clone(table)).collect();
        let (BoundWrites { names, writes }, admissions) = self.admitted(cx, &tables, answer)?;
        let results = cx.service.engine.write_each(&writes).await;
        let results = results.into_iter().zip(admissions);
        for ((name, (table, write)), (result, admission)) in names.into_iter().zip(writes).zip(results) {
            match result {
                Ok(written) => {
                    admission.settle(cx, &Consumed::of_write(&written));
                    cx.tally.item_bytes(table.id, written.old_size_bytes.max(written.new_size_bytes));
                    answer.add(name, table, written);
                }
                Err(WriteError::TransactionConflict) => {
                    cx.tally.transaction_conflict(table.id);
                    answer.leave(name, &write);
                }
                Err(WriteError::ReplicatedWriteConflict) => answer.leave(name, &write),
                Err(error) => return Err(errors::write_error(error)),
            }
        }
        Ok(())
    }
}

impl BoundWrites {
    /// Those that have capacity; the others are left unprocessed. Without capacity for any the call fails.
    fn admitted<'t>(
        self,
        cx: &Cx<'_, DynamoDb>,
        tables: &'t [Arc<Table>],
        answer: &mut Answer,
    ) -> Result<(BoundWrites, Vec<Admission<'t>>), ApiError> {
        let (mut kept, mut admissions, mut refusal) = (BoundWrites::default(), Vec::new(), None);
        for ((name, write), table) in self.names.into_iter().zip(self.writes).zip(tables) {
            if leaves(cx, table, &write.1) {
                answer.leave(name, &write.1);
                continue;
            }
            let units = Units::of_write(table, write.1.key(), write_units(0, 0));
            match Admission::of(cx, table, units) {
                Ok(admission) => {
                    kept.names.push(name);
                    kept.writes.push(write);
                    admissions.push(admission);
                }
                Err(error) => {
                    answer.leave(name, &write.1);
                    refusal = Some(error);
                }
            }
        }
        match refusal {
            Some(refusal) if admissions.is_empty() => Err(refusal),
            _ => Ok((kept, admissions)),
        }
    }
}

/// Whether a fault on demand leaves it unprocessed.
fn leaves(cx: &Cx<'_, DynamoDb>, table: &Table, write: &Write) -> bool {
    let item = match write.action() {
        Action::Put(item) => item,
        Action::Update { key, .. } | Action::Delete { key } | Action::Check { key } => key,
    };
    cx.service.faults.leaves_unprocessed(cx.random, "BatchWriteItem", table, item)
}

fn has_duplicates(writes: &[(Arc<Table>, Write)]) -> bool {
    let mut keys: Vec<&[u8]> = writes.iter().map(|(_, write)| write.key().as_bytes()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// What a table's writes consumed.
struct TableCost {
    table: Arc<Table>,
    consumed: Consumed,
}

/// The answer as it grows.
pub(super) struct Answer {
    report: Report,
    collections: CollectionReport,
    costs: BTreeMap<String, TableCost>,
    metrics: BTreeMap<String, Vec<ItemCollectionMetrics>>,
    unprocessed: Requests,
}

impl Answer {
    pub(super) fn new(report: Report, collections: CollectionReport) -> Self {
        Answer {
            report,
            collections,
            costs: BTreeMap::new(),
            metrics: BTreeMap::new(),
            unprocessed: BTreeMap::new(),
        }
    }

    fn add(&mut self, name: String, table: Arc<Table>, mut written: Written) {
        if let Some(metrics) = collection_metrics(self.collections, written.collection.take()) {
            add_metrics(self.metrics.entry(name.clone()).or_default(), metrics);
        }
        let cost =
            self.costs.entry(name).or_insert_with(|| TableCost { table, consumed: Consumed::default() });
        cost.consumed.add(Consumed::of_write(&written));
    }

    /// A transaction or a writer in another region holds the item, or capacity is short: the client tries again.
    fn leave(&mut self, name: String, write: &Write) {
        self.unprocessed.entry(name).or_default().push(request(write));
    }

    pub(super) fn into_output(self, cx: &Cx<'_, DynamoDb>) -> BatchWriteItemOutput {
        let report = self.report;
        let costs = self.costs.iter();
        let consumed: Vec<ConsumedCapacity> = costs
            .filter_map(|(name, cost)| cost.consumed.report(cx, Direction::Write, report, name, &cost.table))
            .collect();
        BatchWriteItemOutput {
            unprocessed_items: Some(self.unprocessed),
            item_collection_metrics: (!self.metrics.is_empty()).then_some(self.metrics),
            consumed_capacity: (report != Report::Nothing).then_some(consumed),
        }
    }
}

/// One entry for each partition, the one after its last write.
fn add_metrics(all: &mut Vec<ItemCollectionMetrics>, metrics: ItemCollectionMetrics) {
    all.retain(|earlier| earlier.item_collection_key != metrics.item_collection_key);
    all.push(metrics);
}

fn request(write: &Write) -> WriteRequest {
    let attributes = |item: &Item| Some(Attributes { item: item.clone(), ..Attributes::default() });
    match write.action() {
        Action::Put(item) => {
            WriteRequest { put_request: Some(PutRequest { item: attributes(item) }), delete_request: None }
        }
        Action::Update { key, .. } | Action::Delete { key } | Action::Check { key } => {
            WriteRequest { put_request: None, delete_request: Some(DeleteRequest { key: attributes(key) }) }
        }
    }
}
