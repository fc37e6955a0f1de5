//! Reading the items of BatchGetItem, table by table.

use super::check::{LAYER, keys};
use crate::capacity::{Admission, Consumed, Direction, Report, Units};
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

/// The part of a request about one table.
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

    /// The same request for the keys at these positions.
    fn rest(&self, positions: &[usize]) -> KeysAndAttributes {
        let keys = positions.iter().map(|at| self.keys()[*at].clone()).collect();
        KeysAndAttributes { keys: Some(keys), ..self.keys_and_attributes.clone() }
    }
}

/// What is to be read of one table that was found.
pub(super) struct TableRead<'a> {
    request: &'a TableRequest,
    table: Arc<Table>,
    keys: Vec<ItemKey>,
}

/// The keys that have been admitted, with their positions in the request, and the positions of the others.
#[derive(Default)]
struct Admitted<'t> {
    keys: Vec<ItemKey>,
    positions: Vec<usize>,
    admissions: Vec<Admission<'t>>,
    throttled: Vec<usize>,
    /// Why the last of them was not.
    refusal: Option<ApiError>,
}

impl Admitted<'_> {
    fn with_capacity(keys: usize) -> Self {
        Admitted {
            keys: Vec::with_capacity(keys),
            positions: Vec::with_capacity(keys),
            admissions: Vec::with_capacity(keys),
            ..Admitted::default()
        }
    }
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

    /// Asks for the capacity of each of its keys.
    fn admit(&self, cx: &Cx<'_, DynamoDb>, keys: Vec<ItemKey>) -> Admitted<'_> {
        let mut admitted = Admitted::with_capacity(keys.len());
        let least = read_units(0, self.request.consistency());
        let Cx { service, random, .. } = *cx;
        for (at, key) in keys.into_iter().enumerate() {
            let asked = &self.request.keys()[at].item;
            if service.faults.leaves_unprocessed(random, "BatchGetItem", &self.table, asked) {
                admitted.throttled.push(at);
                continue;
            }
            match Admission::of(cx, &self.table, Units::of_read(&self.table, &key, least)) {
                Ok(admission) => {
                    admitted.keys.push(key);
                    admitted.positions.push(at);
                    admitted.admissions.push(admission);
                }
                Err(refusal) => {
                    admitted.throttled.push(at);
                    admitted.refusal = Some(refusal);
                }
            }
        }
        admitted
    }

    async fn get(
        &self,
        cx: &Cx<'_, DynamoDb>,
        keys: &[ItemKey],
        take: impl FnMut(Option<Found>) -> ControlFlow<()> + Send,
    ) -> Result<(), ApiError> {
        let TableRequest { projection, .. } = self.request;
        let consistency = self.request.consistency();
        let engine = &cx.service.engine;
        let read = engine.get_many(&self.table, keys, consistency, projection.as_ref(), take).await;
        read.map_err(errors::read_error)
    }
}

fn item_keys(table: &Table, keys: &[Attributes]) -> Result<Vec<ItemKey>, ApiError> {
    let item_keys = keys.iter().map(|key| ItemKey::exact(table, &key.item));
    item_keys.collect::<Result<_, _>>().map_err(|fault| errors::key_fault(&fault, KeyUse::Key))
}

/// Without an expression there are no aliases either.
fn projection(request: &KeysAndAttributes) -> Result<Option<Projection>, ApiError> {
    if request.projection_expression.is_none() {
        return Ok(legacy::attributes_to_get(request.attributes_to_get.as_ref()));
    }
    let aliases = Aliases::of(request.expression_attribute_names.clone(), None);
    let mut expressions = Expressions::new(LAYER, &aliases);
    let projection = expressions.projection(request.projection_expression.as_deref())?;
    expressions.check_unused()?;
    Ok(projection)
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
    /// A key was read, or looked for.
    is_any_read: bool,
    /// Why the last key that was throttled was.
    refusal: Option<ApiError>,
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
            is_any_read: false,
            refusal: None,
        }
    }

    /// Reads a table's items until the answer is full; the rest is left unprocessed.
    pub(super) async fn add(
        &mut self,
        cx: &Cx<'_, DynamoDb>,
        mut read: TableRead<'_>,
    ) -> Result<(), ApiError> {
        let name = read.request.table.as_sent();
        let keys = std::mem::take(&mut read.keys);
        let (keys_count, was_full) = (keys.len(), self.is_full);
        let (mut items, mut units, mut processed) = (Vec::with_capacity(keys_count), 0.0, 0);
        let mut admitted = if was_full { Admitted::default() } else { read.admit(cx, keys) };
        let take = |found: Option<Found>| {
            let size_bytes = found.as_ref().map_or(0, |found| found.size_bytes);
            self.is_full |= self.bytes + size_bytes > BATCH_GET_BYTES_MAX;
            if self.is_full {
                return ControlFlow::Break(());
            }
            self.bytes += size_bytes;
            cx.tally.item_bytes(read.table.id, size_bytes);
            let cost = read_units(size_bytes, read.request.consistency());
            admitted.admissions[processed].settle(cx, &Consumed::of_table(cost));
            units += cost;
            items.extend(found.map(|found| found.item));
            processed += 1;
            ControlFlow::Continue(())
        };
        if !admitted.keys.is_empty() {
            read.get(cx, &admitted.keys, take).await?;
        }
        self.is_any_read |= processed > 0;
        self.refusal = self.refusal.take().or(admitted.refusal.take());
        let mut rest = admitted.positions.split_off(processed);
        rest.append(&mut admitted.throttled);
        if was_full {
            rest.extend(0..keys_count);
        }
        if !rest.is_empty() {
            rest.sort_unstable();
            self.unprocessed.insert(name.to_owned(), read.request.rest(&rest));
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

    /// The call fails only if nothing at all could be read for want of capacity.
    pub(super) fn into_output(self) -> Result<BatchGetItemOutput, ApiError> {
        if let (Some(refusal), false) = (self.refusal, self.is_any_read) {
            return Err(refusal);
        }
        Ok(BatchGetItemOutput {
            responses: Some(self.responses),
            unprocessed_keys: Some(self.unprocessed),
            consumed_capacity: (self.report != Report::Nothing).then_some(self.consumed),
        })
    }
}
