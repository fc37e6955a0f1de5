//! BatchGetItem.
//!
//! Order of refusals: no tables → a table without keys → more than 100 keys, if all table names are valid →
//! table names, ReturnConsumedCapacity (together) → empty names → both families of parameters, across tables
//! → per table: misused names, the projection if empty, a name twice in AttributesToGet, values of keys, a
//! key twice → the projections → a table that is not there → keys that are not their table's.
//!
//! Everything is read unless the answer would exceed 16 MB; what is left then comes back as UnprocessedKeys
//! with its table's own settings.

mod check;
mod read;

use crate::capacity::Report;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{BatchGetItem, BatchGetItemInput, BatchGetItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use read::{Answer, TableRead};
use std::collections::BTreeMap;

impl Operation<DynamoDb> for BatchGetItem {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<BatchGetItemInput> = Validation::Own;
    type Plan = BatchGetItemInput;

    fn check(input: BatchGetItemInput) -> Result<BatchGetItemInput, ApiError> {
        check::all(&input)?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &BatchGetItemInput) -> Access {
        let names = input.request_items.iter().flat_map(BTreeMap::keys);
        crate::access::tables(cx, names.map(|name| ("dynamodb:BatchGetItem", name.as_str())))
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: BatchGetItemInput) -> Result<BatchGetItemOutput, ApiError> {
        let report = Report::of(input.return_consumed_capacity.as_deref());
        let requests = input.request_items.unwrap_or_default();
        let mut answer = Answer::new(report);
        for read in TableRead::plan(cx, &requests)? {
            answer.add(cx, read).await?;
        }
        Ok(answer.into_output())
    }
}
