//! What a request shows of its index updates without the table.

use super::{create, index_name, update, updates};
use crate::errors::{codes, invalid_parameter};
use model::ApiError;
use model::dynamodb::{GlobalSecondaryIndexUpdate, UpdateTableInput};
use std::collections::BTreeSet;

/// The first broken rule.
pub fn check(input: &UpdateTableInput) -> Result<(), ApiError> {
    updates(input).try_for_each(one_action)?;
    each_index_once(input)?;
    updates(input)
        .filter_map(|update| update.create.as_ref())
        .try_for_each(|index| create::check(index, input))?;
    updates(input).filter_map(|update| update.update.as_ref()).try_for_each(update::check)
}

fn one_action(update: &GlobalSecondaryIndexUpdate) -> Result<(), ApiError> {
    match [update.update.is_some(), update.create.is_some(), update.delete.is_some()]
        .iter()
        .filter(|given| **given)
        .count()
    {
        1 => Ok(()),
        0 => Err(invalid_parameter(
            "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
             GlobalSecondaryIndexUpdate.Delete must not be null",
        )),
        _ => Err(invalid_parameter(
            "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
        )),
    }
}

fn each_index_once(input: &UpdateTableInput) -> Result<(), ApiError> {
    let mut seen = BTreeSet::new();
    match updates(input).map(index_name).find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(invalid_parameter(format_args!(
            "Only one global secondary index update per index is allowed simultaneously. Index: {name}"
        ))),
    }
}

/// One index is built or removed at a time.
pub fn only_one_online_index() -> ApiError {
    ApiError::new(
        codes::LIMIT_EXCEEDED,
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    )
}
