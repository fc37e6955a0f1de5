//! Reading the items of BatchGetItem, table by table.

use super::check::{LAYER, keys};
use crate::capacity::{Consumed, Direction, Report};
use crate::checks::expression_parameters::{Aliases, Expressions};
use crate::checks::key_paths;
use crate::checks::table_ref::TableRef;
use crate::errors::{self, KeyUse};
use crate::legacy;
use crate::service::DynamoDb;
use engine::meter::{Consistency, read_units};
use engine::{Found, ItemKey, Table};
use expr::Projection;
use model::ApiError;
use model::dynamodb::{BatchGetItemOutput, ConsumedCapacity, KeysAndAttributes};
use pipeline::Cx;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use stdx::limits::BATCH_GET_BYTES_MAX;
use types::Item;
use wire::attribute::Attributes;

/// What a request says of one table.
#[derive(Debug)]
pub(super) struct TableRequest {
    pub(super) table: TableRef,
    keys_and_attributes: KeysAndAttributes,
    pub(super) projection: Option<Projection>,
}

impl TableRequest {
    /// The stage of the projection.
    pub(super) fn of((name, request): (String, KeysAndAttributes)) -> Result<TableRequest, ApiError> {
        let projection = projection(&request)?;
        Ok(TableRequest { table: TableRef::of(Some(name)), keys_and_attributes: request, projection })
    }

    pub(super) fn keys(&self) -> &[Attributes] {
        keys(&self.keys_and_attributes)
    }

    fn consistency(&self) -> Consistency {
        match self.keys_and_attributes.consistent_read {
            Some(true) => Consistency::Strong,
            _ => Consistency::Eventual,
        }
    }

    /// The same request for the keys from this position on.
    fn rest(&self, from: usize) -> KeysAndAttributes {
        KeysAndAttributes { keys: Some(self.keys()[from..].to_vec()), ..self.keys_and_attributes.clone() }
    }
}

/// What is to be read of one table that was found.
pub(super) struct TableRead<'a> {
    request: &'a TableRequest,
    table: Arc<Table>,
    keys: Vec<ItemKey>,
}

impl<'a> TableRead<'a> {
    /// All tables, then all keys.
    pub(super) async fn bind(
        cx: &Cx<'_, DynamoDb>,
        requests: &'a [TableRequest],
    ) -> Result<Vec<TableRead<'a>>, ApiError> {
        let tables = TableRef::resolve_each(cx, requests.iter().map(|request| &request.table)).await;
        let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
        let reads = requests.iter().zip(tables).map(|(request, table)| {
            let keys = item_keys(&table, request.keys())?;
            key_paths::check_projection(&table, request.projection.as_ref())?;
            Ok(TableRead { request, table, keys })
        });
        reads.collect()
    }

    async fn get(
        &self,
        cx: &Cx<'_, DynamoDb>,
        take: impl FnMut(Option<Found>) -> ControlFlow<()> + Send,
    ) -> Result<(), ApiError> {
        let TableRequest { projection, .. } = self.request;
        let consistency = self.request.consistency();
        let engine = &cx.service.engine;
        let read = engine.get_many(&self.table, &self.keys, consistency, projection.as_ref(), take).await;
        read.map_err(errors::read_error)
    }
}

fn item_keys(table: &Table, keys: &[Attributes]) -> Result<Vec<ItemKey>, ApiError> {
    let item_keys = keys.iter().map(|key| ItemKey::exact(table, &key.item));
    item_keys.collect::<Result<_, _>>().map_err(|fault| errors::key_fault(&fault, KeyUse::Key))
}

fn projection(request: &KeysAndAttributes) -> Result<Option<Projection>, ApiError> {
    let aliases = Aliases::of(request.expression_attribute_names.clone(), None);
    let mut expressions = Expressions::new(LAYER, &aliases);
    let projection = expressions.projection(request.projection_expression.as_deref())?;
    expressions.check_unused()?;
    Ok(projection.or_else(|| legacy::attributes_to_get(request.attributes_to_get.as_ref())))
}

/// The answer as it grows.
pub(super) struct Answer {
    report: Report,
    bytes: usize,
    /// An item has not fitted any more.
    is_full: bool,
    responses: BTreeMap<String, Vec<Item>>,
    unprocessed: BTreeMap<String, KeysAndAttributes>,
    consumed: Vec<ConsumedCapacity>,
}

impl Answer {
    pub(super) fn new(report: Report) -> Self {
        Answer {
            report,
            bytes: 0,
            is_full: false,
            responses: BTreeMap::new(),
            unprocessed: BTreeMap::new(),
            consumed: Vec::new(),
        }
    }

    /// Reads a table's items until the answer is full; the rest is left unprocessed.
    pub(super) async fn add(&mut self, cx: &Cx<'_, DynamoDb>, read: TableRead<'_>) -> Result<(), ApiError> {
        let name = read.request.table.as_sent();
        let (mut items, mut units, mut processed, was_full) = (Vec::new(), 0.0, 0, self.is_full);
        let take = |found: Option<Found>| {
            let size_bytes = found.as_ref().map_or(0, |found| found.size_bytes);
            self.is_full |= self.bytes + size_bytes > BATCH_GET_BYTES_MAX;
            if self.is_full {
                return ControlFlow::Break(());
            }
            self.bytes += size_bytes;
            cx.tally.item_bytes(read.table.id, size_bytes);
            units += read_units(size_bytes, read.request.consistency());
            items.extend(found.map(|found| found.item));
            processed += 1;
            ControlFlow::Continue(())
        };
        if !was_full {
            read.get(cx, take).await?;
        }
        if processed < read.keys.len() {
            self.unprocessed.insert(name.to_owned(), read.request.rest(processed));
        }
        self.consumed.extend(Consumed::of_table(units).report(
            cx,
            Direction::Read,
            self.report,
            name,
            &read.table,
        ));
        self.responses.insert(name.to_owned(), items);
        Ok(())
    }

    pub(super) fn into_output(self) -> BatchGetItemOutput {
        BatchGetItemOutput {
            responses: Some(self.responses),
            unprocessed_keys: Some(self.unprocessed),
            consumed_capacity: (self.report != Report::Nothing).then_some(self.consumed),
        }
    }
}
