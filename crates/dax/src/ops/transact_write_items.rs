//! transactWriteItems: kinds, tables, keys, values, values to return, items to return on failure, conditions and
//! updates in parallel; options.

use super::options::Options;
use super::transact_get_items::{column, table_of};
use super::{Call, ELEMENTS_MAX, cached, capacity, items};
use crate::codec::expression::Placeholders;
use crate::codec::writer::put_array;
use crate::codec::{Fault, Reader};
use crate::errors::Refused;
use engine::Table;
use model::dynamodb::{
    ConditionCheck, Delete, Put, TransactWriteItem, TransactWriteItems, TransactWriteItemsInput, Update,
};
use model::{ApiError, Detail};
use std::sync::Arc;

/// The kinds of actions.
mod kind {
    pub(super) const PUT: i64 = 2;
    pub(super) const DELETE: i64 = 7;
    pub(super) const UPDATE: i64 = 9;
    pub(super) const CONDITION_CHECK: i64 = 12;
}

const RETURN_OLD: i64 = 2;

const UNKNOWN_KIND: Refused = Refused::Request("A transaction has an action of an unknown kind");

/// What a caller must be allowed to do.
fn permission(kind: i64) -> Option<&'static str> {
    Some(match kind {
        kind::PUT => "dax:PutItem",
        kind::DELETE => "dax:DeleteItem",
        kind::UPDATE => "dax:UpdateItem",
        kind::CONDITION_CHECK => "dax:ConditionCheckItem",
        _ => return None,
    })
}

struct Columns<'a> {
    kinds: Vec<i64>,
    tables: Vec<Option<&'a [u8]>>,
    keys: Vec<Option<&'a [u8]>>,
    values: Vec<Option<&'a [u8]>>,
    return_old: Vec<i64>,
    conditions: Vec<Option<&'a [u8]>>,
    updates: Vec<Option<&'a [u8]>>,
}

impl<'a> Columns<'a> {
    fn read(arguments: &mut Reader<'a>) -> Result<Self, Fault> {
        let (kinds, tables, keys, values) =
            (numbers(arguments)?, column(arguments)?, column(arguments)?, column(arguments)?);
        arguments.skip()?; // values to return, which a transaction has none of
        let return_old = numbers(arguments)?;
        let (conditions, updates) = (column(arguments)?, column(arguments)?);
        Ok(Columns { kinds, tables, keys, values, return_old, conditions, updates })
    }
}

fn numbers(arguments: &mut Reader<'_>) -> Result<Vec<i64>, Fault> {
    if arguments.take_null()? {
        return Ok(Vec::new());
    }
    let (mut left, mut numbers) = (arguments.array()?, Vec::new());
    while left.next(arguments)? {
        if numbers.len() == ELEMENTS_MAX {
            return Err(Fault::TooLarge);
        }
        numbers.push(if arguments.take_null()? { 0 } else { arguments.int()? });
    }
    Ok(numbers)
}

fn at<'a>(column: &[Option<&'a [u8]>], index: usize) -> Option<&'a [u8]> {
    column.get(index).copied().flatten()
}

pub(super) async fn run(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let columns = Columns::read(arguments)?;
    let options = Options::read(arguments)?;
    let (mut actions, mut tables) = (Vec::with_capacity(columns.kinds.len()), Vec::new());
    for index in 0..columns.kinds.len() {
        let (action, table) = read(call, &columns, index).await?;
        actions.push(action);
        tables.push(table);
    }
    let input = TransactWriteItemsInput {
        transact_items: Some(actions),
        return_consumed_capacity: options.capacity,
        return_item_collection_metrics: options.collection_metrics,
        client_request_token: options.token,
    };
    let output = match call.perform::<TransactWriteItems>(input).await {
        Ok(output) => output,
        Err(error) => {
            keep_items(call, &tables, &error).await?;
            return Err(error.into());
        }
    };
    for (index, table) in tables.iter().enumerate() {
        let key = at(&columns.keys, index).ok_or(Fault::CutOff)?;
        cached::wrote(call, table, key).await?;
    }
    put_array(out, 0);
    put_array(out, 3);
    put_array(out, 0);
    capacity::put_of_transaction(out, output.consumed_capacity.as_deref());
    capacity::put_collections(out, output.item_collection_metrics.as_ref());
    Ok(())
}

async fn read(
    call: &Call<'_>,
    columns: &Columns<'_>,
    index: usize,
) -> Result<(TransactWriteItem, Arc<Table>), Refused> {
    let (name, table) = table_of(call, at(&columns.tables, index)).await?;
    let key_bytes = at(&columns.keys, index).ok_or(Fault::CutOff)?;
    let mut placeholders = Placeholders::default();
    let condition = at(&columns.conditions, index).map(|bytes| placeholders.condition(bytes)).transpose()?;
    let update = at(&columns.updates, index).map(|bytes| placeholders.update(bytes)).transpose()?;
    let old = (columns.return_old.get(index) == Some(&RETURN_OLD)).then(|| "ALL_OLD".to_owned());
    let (table_name, names, values) = (Some(name), placeholders.names(), placeholders.into_values());
    let key = || items::key_attributes(&table, key_bytes).map(Some);
    let mut action = TransactWriteItem::default();
    let kind = columns.kinds[index];
    call.allow(permission(kind).ok_or(UNKNOWN_KIND)?)?;
    match kind {
        kind::PUT => {
            let item = at(&columns.values, index).ok_or(Fault::CutOff)?;
            action.put = Some(Put {
                item: Some(items::read_item(call, &table, key_bytes, item).await?),
                table_name,
                condition_expression: condition,
                expression_attribute_names: names,
                expression_attribute_values: values,
                return_values_on_condition_check_failure: old,
            });
        }
        kind::UPDATE => {
            action.update = Some(Update {
                key: key()?,
                update_expression: update,
                table_name,
                condition_expression: condition,
                expression_attribute_names: names,
                expression_attribute_values: values,
                return_values_on_condition_check_failure: old,
            });
        }
        kind::DELETE => {
            action.delete = Some(Delete {
                key: key()?,
                table_name,
                condition_expression: condition,
                expression_attribute_names: names,
                expression_attribute_values: values,
                return_values_on_condition_check_failure: old,
            });
        }
        kind::CONDITION_CHECK => {
            action.condition_check = Some(ConditionCheck {
                key: key()?,
                table_name,
                condition_expression: condition,
                expression_attribute_names: names,
                expression_attribute_values: values,
                return_values_on_condition_check_failure: old,
            });
        }
        _ => return Err(UNKNOWN_KIND),
    }
    Ok((action, table))
}

/// Keeps the items of the reasons in the form that they travel in.
async fn keep_items(call: &Call<'_>, tables: &[Arc<Table>], error: &ApiError) -> Result<(), Refused> {
    let Some(Detail::CancellationReasons(reasons)) = error.detail.as_deref() else { return Ok(()) };
    let mut kept = Vec::with_capacity(reasons.len());
    for (reason, table) in reasons.iter().zip(tables) {
        kept.push(match &reason.item {
            Some(item) => Some(items::values_of(call, table, item.as_ref()).await?),
            None => None,
        });
    }
    *call.reason_items.lock() = kept;
    Ok(())
}
