//! UpdateTable: every kind of change of a table that is there.
//!
//! Order of refusals: the name alone → members together → nothing to do → what may be combined ([`combinations`]) →
//! what this server has not built → the shape of single members → no such table → what the billing mode of the table
//! forbids, no such index → what is under way ([`admission`]) → nothing would change → budgets.
//! A refusal changes nothing.
//!
//! The request becomes a new descriptor by a pure function, [`altered`]; if the table changes meanwhile, it is made
//! again. What replicas share is changed in all of them, in one commit.

mod admission;
mod billing_mode;
mod combinations;
mod deletion_protection;
mod encryption;
mod indexes;
mod members;
mod on_demand_throughput;
pub(in crate::ops) mod replicas;
mod shared_encryption;
mod stream;
mod table_class;
mod throughput;
mod warm_throughput;

use crate::checks::table_ref::TableRef;
use crate::checks::{self, control_table_name, deleted_table};
use crate::describe::{self, Moment};
use crate::encryption::retire;
use crate::errors::{store_error, table_keeps_changing};
use crate::global_table;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use engine::table::{Change, Sealing, Settings, Transition};
use kms::Key;
use model::ApiError;
use model::dynamodb::{TableDescription, UpdateTable, UpdateTableInput, UpdateTableOutput};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::pin::Pin;
use std::sync::Arc;

impl Operation<DynamoDb> for UpdateTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateTableInput> = Validation::Own;
    type Plan = (TableRef, UpdateTableInput);

    fn check(input: UpdateTableInput) -> Result<Self::Plan, ApiError> {
        let table = TableRef::of(input.table_name.clone());
        refuse(&control_table_name::name_violations(input.table_name.as_ref().map(|_| table.name()))?)?;
        refuse(&members::violations(&input))?;
        let input = members::without_empty_ones(input);
        members::something_to_do(&input)?;
        combinations::check(&input)?;
        members::not_built(&input)?;
        replicas::check(&input)?;
        stream::check(&input)?;
        checks::encryption::check(input.sse_specification.as_ref())?;
        checks::table_class::check(input.table_class.as_deref())?;
        indexes::check(&input)?;
        billing_mode::check(&input)?;
        on_demand_throughput::check(&input)?;
        Ok((table, input))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (table, input): &Self::Plan) -> Access<'static> {
        let mut access = crate::access::table(cx, "dynamodb:UpdateTable", table);
        replicas::access(cx, table, input, &mut access);
        access
    }

    async fn run(cx: &Cx<'_, DynamoDb>, (table, input): Self::Plan) -> Result<UpdateTableOutput, ApiError> {
        update(cx, table, input).await
    }
}

/// Boxed, so that it is compiled here and not once more in each service that calls it.
fn update<'a>(
    cx: &'a Cx<'_, DynamoDb>,
    table: TableRef,
    input: UpdateTableInput,
) -> Pin<Box<dyn Future<Output = Result<UpdateTableOutput, ApiError>> + Send + 'a>> {
    Box::pin(async move {
        if input.replica_updates.is_some() {
            return change_replicas(cx, &table, &input).await;
        }
        let table = alter(cx, &table, &input).await?;
        let description = described(cx, &table, Moment::of_answer(cx.now_micros)).await?;
        Ok(UpdateTableOutput { table_description: Some(description) })
    })
}

async fn described(
    cx: &Cx<'_, DynamoDb>,
    table: &Table,
    moment: Moment,
) -> Result<TableDescription, ApiError> {
    let engine = &cx.service.engine;
    let statistics = engine.statistics(table).await.map_err(|error| store_error(&error))?;
    let mut description = describe::table(table, &statistics, moment);
    describe::replicas::add_to(&mut description, engine, table, cx.now_micros);
    describe::remote_replicas::add_to(&mut description, &cx.service.peers, table);
    Ok(description)
}

/// The answer shows a replica that is added only later, and one that is taken away as it was; that replicas are to be
/// strongly consistent it shows at once.
async fn change_replicas(
    cx: &Cx<'_, DynamoDb>,
    table: &TableRef,
    input: &UpdateTableInput,
) -> Result<UpdateTableOutput, ApiError> {
    let table = replicas::change(cx, table, input).await?;
    let mut description = described(cx, &table, Moment::at(cx.now_micros)).await?;
    description.table_status = Some("UPDATING".to_owned());
    if let Some(consistency @ "STRONG") = input.multi_region_consistency.as_deref() {
        description.multi_region_consistency = Some(consistency.to_owned());
        description.global_table_version = Some(describe::replicas::VERSION.to_owned());
    }
    Ok(UpdateTableOutput { table_description: Some(description) })
}

/// Changes the table, and returns the descriptor of the change: by now an index may be ready or removed.
async fn alter(cx: &Cx<'_, DynamoDb>, table: &TableRef, input: &UpdateTableInput) -> Result<Table, ApiError> {
    let when = When::of(cx);
    for _ in 0..ATTEMPTS_MAX {
        let read = deleted_table::find_to_change(cx, table).await?;
        let members = global_table::sharing_members(cx, &read)?;
        let key = crate::encryption::key_of(cx, input.sse_specification.as_ref(), &read.scope).await?;
        let mut next = altered_here(&read, input, key.as_ref(), when)?;
        if input.sse_specification.is_some() || input.global_secondary_index_updates.is_some() {
            checks::encryption::check_unlocked(&cx.service.engine, &read)?;
        }
        if input.sse_specification.is_some() {
            next.settings.sealing = sealing(cx, &read, key.as_ref()).await?;
        }
        let changed = match members.len() {
            1 if read.remote_replicas().is_empty() => {
                table_change::attempt(cx, &read, |table| *table = next.clone()).await
            }
            _ => alter_all(cx, &members, &next, input, when).await,
        };
        if input.sse_specification.is_some() {
            let left = changed.as_ref().ok().map(|done| if done.is_some() { &*read } else { &next });
            retire(cx, &read.scope, left.and_then(|left| left.settings.sealing.as_ref())).await;
        }
        if let Some(table) = changed? {
            return Ok(with_stream_of(next, &table));
        }
    }
    Err(table_keeps_changing())
}

/// Changes a replica, and the others with it as far as it concerns all of them.
async fn alter_all(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    next: &Table,
    input: &UpdateTableInput,
    when: When,
) -> Result<Option<Arc<Table>>, ApiError> {
    let mut others = Vec::with_capacity(members.len());
    for member in &members[1..] {
        others.push(shared_encryption::other(cx, member, (input, next), when).await?);
    }
    let nexts: Vec<&Table> = std::iter::once(next).chain(&others).collect();
    let changed = global_table::attempt(cx, members, |at, table| *table = nexts[at].clone()).await?;
    if changed.is_some() {
        shared_encryption::retire_replaced(cx, &members[1..], &others).await;
    }
    Ok(changed)
}

/// A table of its own region after a change of how it is paid for, which other calls ask for too, and peers.
pub(crate) fn paid_for(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    input: &UpdateTableInput,
) -> Result<Table, ApiError> {
    billing_mode::check(input)?;
    altered_here(read, input, None, When::of(cx))
}

/// How the table is sealed after a change of its encryption.
async fn sealing(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    key: Option<&Key>,
) -> Result<Option<Sealing>, ApiError> {
    match key {
        Some(key) => {
            Ok(Some(crate::encryption::begun(cx, (&read.scope, &read.name), key, Some(read)).await?))
        }
        None => crate::encryption::ended(cx, read).await,
    }
}

/// The engine has the last word on the label of a stream.
fn with_stream_of(next: Table, altered: &Table) -> Table {
    let settings = Settings { stream: altered.settings.stream.clone(), ..next.settings };
    Table { settings, ..next }
}

/// When a change is made, and until when it shows.
#[derive(Debug, Clone, Copy)]
struct When {
    now_micros: u64,
    shows_until_micros: u64,
}

impl When {
    fn of(cx: &Cx<'_, DynamoDb>) -> When {
        When { now_micros: cx.now_micros, shows_until_micros: cx.service.shows_until_micros(cx.now_micros) }
    }
}

/// The descriptor after the change, under what is different in this replica.
fn altered_here(
    read: &Table,
    input: &UpdateTableInput,
    key: Option<&Key>,
    when: When,
) -> Result<Table, ApiError> {
    let (shared, mut overrides) = read.without_overrides();
    let mut next = altered(&shared, input, key, when)?;
    overrides.table_class.take_if(|_| input.table_class.is_some()); // one for all is for this one, too
    next.put_overrides(&overrides);
    Ok(next)
}

/// The descriptor after the change.
fn altered(read: &Table, input: &UpdateTableInput, key: Option<&Key>, when: When) -> Result<Table, ApiError> {
    billing_mode::fits(read, input)?;
    on_demand_throughput::fits(read, input)?;
    indexes::are_there(read, input)?;
    admission::check(read, input, when.now_micros)?;
    let mut next = read.clone();
    next.settings.transitions.retain(|transition| transition.shows(when.now_micros));
    throughput::apply(read, &mut next, input, when)?;
    indexes::apply(read, &mut next, input, when)?;
    stream::apply(read, &mut next, input, when)?;
    billing_mode::apply(read, &mut next, input, when);
    on_demand_throughput::apply(&mut next, input, when)?;
    warm_throughput::apply(read, &mut next, input, when)?;
    encryption::apply(read, &mut next, (input, key), when)?;
    table_class::apply(&mut next, input, when);
    deletion_protection::apply(&mut next, input);
    replicas::apply(&mut next, input);
    Ok(next)
}

/// Shows a change as under way.
fn show(table: &mut Table, change: Change, when: When) {
    table.settings.transitions.push(Transition { change, until_micros: when.shows_until_micros });
}
