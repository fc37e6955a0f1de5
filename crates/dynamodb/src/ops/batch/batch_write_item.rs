//! BatchWriteItem.
//!
//! Order of refusals: no tables → lists without, or with too many, requests, ReturnConsumedCapacity,
//! ReturnItemCollectionMetrics (together) → table names → empty names → per request: its shape, values, size
//! of the item → 16 MB together → a table that is not there → keys that are not their table's, index keys →
//! an item twice.
//!
//! The older layer judges. Every request is written by itself, all under one commit; nothing is left
//! unprocessed, and a request that the state of the store refuses makes the call fail while others stay done.

mod check;
mod write;

use crate::capacity::{CollectionReport, Report};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{BatchWriteItem, BatchWriteItemInput, BatchWriteItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;
use write::{Answer, Writes};

impl Operation<DynamoDb> for BatchWriteItem {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<BatchWriteItemInput> = Validation::Own;
    type Plan = BatchWriteItemInput;

    fn check(input: BatchWriteItemInput) -> Result<BatchWriteItemInput, ApiError> {
        check::all(&input)?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &BatchWriteItemInput) -> Access {
        let names = input.request_items.iter().flat_map(BTreeMap::keys);
        crate::access::tables(cx, names.map(|name| ("dynamodb:BatchWriteItem", name.as_str())))
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: BatchWriteItemInput,
    ) -> Result<BatchWriteItemOutput, ApiError> {
        let report = Report::of(input.return_consumed_capacity.as_deref());
        let collections = CollectionReport::of(input.return_item_collection_metrics.as_deref());
        let writes = Writes::plan(cx, input.request_items.unwrap_or_default())?;
        let mut answer = Answer::new(report, collections);
        writes.run(cx, &mut answer).await?;
        Ok(answer.into_output(cx))
    }
}
