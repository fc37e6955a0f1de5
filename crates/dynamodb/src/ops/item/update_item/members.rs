//! The members of UpdateItem, which are reported unlike those of other writes: not together, and by the older
//! layer where there is no key.

use crate::checks::members::{self, Members};
use crate::checks::table_name;
use crate::errors;
use model::ApiError;
use model::dynamodb::UpdateItemInput;

pub(super) fn check(input: &UpdateItemInput) -> Result<(), ApiError> {
    table_name::not_empty(input.table_name.as_deref())?;
    if input.key.is_none() {
        return check_members_without_key(input);
    }
    let mut name = Members::new();
    name.add_all(table_name::all_faults(input.table_name.as_deref()));
    if input.table_name.is_none() {
        name.one_of("returnValues", &input.return_values, members::RETURN_VALUES);
    }
    name.check()?;
    first_unknown_value(input).map_or(Ok(()), Err)
}

/// Without a key the older layer judges; of a table name it reports only that it is missing.
fn check_members_without_key(input: &UpdateItemInput) -> Result<(), ApiError> {
    Members::new()
        .return_consumed_capacity(&input.return_consumed_capacity)
        .required("tableName", &input.table_name)
        .one_of("returnValues", &input.return_values, members::RETURN_VALUES)
        .return_values_on_condition_check_failure(&input.return_values_on_condition_check_failure)
        .return_item_collection_metrics(&input.return_item_collection_metrics)
        .required("key", &input.key)
        .check()
}

/// Only the first is reported, the second and fourth without an envelope.
fn first_unknown_value(input: &UpdateItemInput) -> Option<ApiError> {
    let on_failure = &input.return_values_on_condition_check_failure;
    if members::is_outside(&input.return_values, members::RETURN_VALUES) {
        return Some(errors::enveloped(errors::UNKNOWN_RETURN_VALUES));
    }
    let on_failure = members::outside(
        "returnValuesOnConditionCheckFailure",
        on_failure,
        members::RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    );
    let metrics = || {
        let value = &input.return_item_collection_metrics;
        members::outside("returnItemCollectionMetrics", value, members::RETURN_ITEM_COLLECTION_METRICS)
    };
    let capacity = || {
        let value = &input.return_consumed_capacity;
        members::outside("returnConsumedCapacity", value, members::RETURN_CONSUMED_CAPACITY)
    };
    on_failure
        .map(ApiError::validation)
        .or_else(|| metrics().map(errors::enveloped))
        .or_else(|| capacity().map(ApiError::validation))
}
