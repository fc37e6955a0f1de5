//! TransactGetItems: up to 100 items as they all are at one moment.
//!
//! Order of refusals: no gets, or too many → elements without a Get, Gets without a key, ReturnConsumedCapacity
//! (together) → table names (together) → empty names → depth and values of keys → per Get: the projection, its
//! names → an item twice → a table that is not there → keys that are not their table's, which cancel → no capacity for
//! an item, which cancels → more than 4 MB.

use crate::access::ItemNeed;
use crate::capacity::{Admission, Report, TransactCosts, Units};
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, ParameterPresence};
use crate::checks::java_text::JavaText;
use crate::checks::key_paths;
use crate::checks::members::Members;
use crate::checks::select::Select;
use crate::checks::table_ref::TableRef;
use crate::checks::transact_list::{self, LAYER, path};
use crate::errors::{self, KeyUse};
use crate::service::DynamoDb;
use engine::meter::transact_read_units;
use engine::{Found, ItemKey, KeyFault, Table, TransactGet};
use expr::Projection;
use model::ApiError;
use model::api_error::CancellationReason;
use model::dynamodb::{
    Get, ItemResponse, TransactGetItem, TransactGetItems, TransactGetItemsInput, TransactGetItemsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;
use stdx::limits::TRANSACTION_BYTES_MAX;
use types::Item;

/// The plan of TransactGetItems.
#[derive(Debug)]
pub struct Plan {
    gets: Vec<PlannedGet>,
    capacity: Report,
}

/// A Get.
#[derive(Debug)]
struct PlannedGet {
    table: TableRef,
    key: Item,
    projection: Option<Projection>,
}

impl Operation<DynamoDb> for TransactGetItems {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<TransactGetItemsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: TransactGetItemsInput) -> Result<Plan, ApiError> {
        check_members(&input)?;
        gets(&input).try_for_each(|get| {
            transact_list::check_empty_names(get.key.as_ref(), get.expression_attribute_names.as_ref())
        })?;
        let keys = || gets(&input).filter_map(|get| get.key.as_ref());
        keys().try_for_each(|key| values::depth(key.nesting_levels, LAYER))?;
        keys().try_for_each(|key| values::key(key, LAYER))?;
        let gets = input.transact_items.into_iter().flatten().filter_map(|element| element.get);
        Ok(Plan {
            gets: gets.map(PlannedGet::of).collect::<Result<_, _>>()?,
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        let gets = plan.gets.iter();
        let need = |get: &'a PlannedGet| {
            ItemNeed::new(cx, "dynamodb:GetItem", &get.table, plan.capacity)
                .item(&get.key)
                .select(Select::Implied, get.projection.as_ref())
                .within("TransactGetItems")
                .into()
        };
        gets.map(need).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<TransactGetItemsOutput, ApiError> {
        let tables = TableRef::resolve_each(cx, plan.gets.iter().map(|get| &get.table)).await;
        let keys = keys(&plan.gets, &tables);
        transact_list::check_distinct(keys.iter().flatten())?;
        let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
        if tables.iter().any(|table| table.is_strong()) {
            return Err(errors::no_transactions());
        }
        for (get, table) in plan.gets.iter().zip(&tables) {
            key_paths::check_projection(table, get.projection.as_ref())?;
        }
        let parts = plan.gets.into_iter().map(|get| (get.table, get.projection));
        let (names, projections): (Vec<_>, Vec<_>) = parts.unzip();
        let reads = placed(keys, projections, &tables)?;
        let units = reads.iter().map(|read| {
            let units = Units::of_read(&read.table, &read.key, transact_read_units(0));
            (&*read.table, units)
        });
        let admissions = Admission::of_each(cx, units)?;
        let found = cx.service.engine.transact_get(&reads).await.map_err(errors::read_error)?;
        if found.iter().flatten().map(|found| found.size_bytes).sum::<usize>() > TRANSACTION_BYTES_MAX {
            return Err(ApiError::validation(errors::TRANSACTION_TOO_LARGE));
        }
        let sizes = found.iter().map(|found| found.as_ref().map_or(0, |found| found.size_bytes));
        let costs = names.iter().zip(&tables).zip(&admissions).zip(sizes);
        let costs = costs.map(|(((name, table), admission), size)| (name.as_sent(), table, admission, size));
        let costs = TransactCosts::of_reads(cx, costs);
        Ok(TransactGetItemsOutput {
            consumed_capacity: costs.report(cx, plan.capacity),
            responses: Some(found.into_iter().map(response).collect()),
        })
    }
}

impl PlannedGet {
    /// The stage of the projection and its names.
    fn of(get: Get) -> Result<PlannedGet, ApiError> {
        ParameterPresence::new(LAYER)
            .expression(expr::Kind::Projection, &get.projection_expression)
            .names(&get.expression_attribute_names)
            .check()?;
        let aliases = Aliases::of(get.expression_attribute_names, None);
        let mut expressions = Expressions::new(LAYER, &aliases);
        let projection = expressions.projection(get.projection_expression.as_deref())?;
        expressions.check_unused()?;
        let key = get.key.unwrap_or_default().item;
        Ok(PlannedGet { table: TableRef::of(get.table_name), key, projection })
    }
}

fn gets(input: &TransactGetItemsInput) -> impl Iterator<Item = &Get> + Clone {
    input.transact_items.iter().flatten().filter_map(|element| element.get.as_ref())
}

fn check_members(input: &TransactGetItemsInput) -> Result<(), ApiError> {
    let elements = transact_list::check_length(&input.transact_items, put_element)?;
    let mut members = Members::new();
    for (at, element) in elements.iter().enumerate() {
        match &element.get {
            None => members.required(format_args!("transactItems.{}.member.get", at + 1), &element.get),
            Some(get) => members.required(path(at, "get", "key"), &get.key),
        };
    }
    members.return_consumed_capacity(&input.return_consumed_capacity).check()?;
    let names = gets(input).enumerate().map(|(at, get)| (at, "get", get.table_name.as_deref()));
    transact_list::check_table_names(names)
}

/// An element as Java prints it.
fn put_element(text: &mut JavaText, element: &TransactGetItem) {
    text.put("TransactGetItem(get=");
    match &element.get {
        None => text.put("null"),
        Some(get) => text
            .put("Get(key=")
            .attributes(get.key.as_ref())
            .put(", tableName=")
            .optional(get.table_name.as_deref())
            .put(", projectionExpression=")
            .optional(get.projection_expression.as_deref())
            .put(", expressionAttributeNames=")
            .names(get.expression_attribute_names.as_ref())
            .put(", workloadProfileName=null)"),
    };
    text.put(")");
}

/// The key of each Get that has a table.
fn keys(gets: &[PlannedGet], tables: &[Result<Arc<Table>, ApiError>]) -> Vec<Result<ItemKey, KeyFault>> {
    let places = gets.iter().zip(tables).filter_map(|(get, table)| Some((get, table.as_ref().ok()?)));
    places.map(|(get, table)| ItemKey::exact(table, &get.key)).collect()
}

/// The reads in their tables, which are all there. Keys that are none of their table's cancel with a reason each.
fn placed(
    keys: Vec<Result<ItemKey, KeyFault>>,
    projections: Vec<Option<Projection>>,
    tables: &[Arc<Table>],
) -> Result<Vec<TransactGet>, ApiError> {
    if keys.iter().any(Result::is_err) {
        return Err(errors::cancelled(keys.iter().map(reason).collect()));
    }
    let reads = keys.into_iter().flatten().zip(projections).zip(tables);
    let read = |((key, projection), table)| TransactGet { table: Arc::clone(table), key, projection };
    Ok(reads.map(read).collect())
}

fn reason(key: &Result<ItemKey, KeyFault>) -> CancellationReason {
    match key {
        Ok(_) => CancellationReason::default(),
        Err(fault) => errors::because_invalid(errors::key_text(fault, KeyUse::Key)),
    }
}

/// An item of which the projection leaves nothing is answered as if there were none.
fn response(found: Option<Found>) -> ItemResponse {
    ItemResponse { item: found.map(|found| found.item).filter(|item| !item.as_ref().is_empty()) }
}
