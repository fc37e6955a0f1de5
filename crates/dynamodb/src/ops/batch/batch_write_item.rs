//! BatchWriteItem.
//!
//! Order of refusals: no tables → lists without, or with too many, requests, ReturnConsumedCapacity,
//! ReturnItemCollectionMetrics (together) → table names → empty names → per request: its shape, values, size
//! of the item → 16 MB together → a table that is not there → keys that are not their table's, index keys →
//! an item twice.
//!
//! The older layer judges. Every request is written by itself, all under one commit. What a table has no capacity for,
//! or a transaction holds, is left unprocessed; a request that the state of the store refuses makes the call fail while
//! others stay done.

mod check;
mod write;

use crate::access::ItemNeed;
use crate::capacity::{CollectionReport, Report};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{BatchWriteItem, BatchWriteItemInput, BatchWriteItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use write::{Answer, BoundWrites, TableWrites};

/// The plan of BatchWriteItem.
#[derive(Debug)]
pub struct Plan {
    tables: Vec<TableWrites>,
    capacity: Report,
    collections: CollectionReport,
}

impl Operation<DynamoDb> for BatchWriteItem {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<BatchWriteItemInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: BatchWriteItemInput) -> Result<Plan, ApiError> {
        check::all(&input)?;
        Ok(Plan {
            tables: input.request_items.into_iter().flatten().map(TableWrites::of).collect(),
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
            collections: CollectionReport::of(input.return_item_collection_metrics.as_deref()),
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        let tables = plan.tables.iter();
        let need = |writes: &'a TableWrites| {
            ItemNeed::new(cx, "dynamodb:BatchWriteItem", &writes.table, plan.capacity)
                .items(writes.items())
                .into()
        };
        tables.map(need).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<BatchWriteItemOutput, ApiError> {
        let writes = BoundWrites::bind(cx, plan.tables).await?;
        let mut answer = Answer::new(plan.capacity, plan.collections);
        writes.run(cx, &mut answer).await?;
        Ok(answer.into_output(cx))
    }
}
