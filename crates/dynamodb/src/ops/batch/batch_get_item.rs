//! BatchGetItem.
//!
//! Order of refusals: no tables → a table without keys → more than 100 keys, if all table names are valid →
//! table names, ReturnConsumedCapacity (together) → empty names → both families of parameters, across tables
//! → per table: misused names, the projection if empty, a name twice in AttributesToGet, values of keys, a
//! key twice → the projections → a table that is not there → keys that are not their table's.
//!
//! Everything is read unless the answer would exceed 16 MB, or a table has no capacity for a key; what is left then
//! comes back as UnprocessedKeys with its table's own settings. Without capacity for any key the call fails.

mod check;
mod read;

use crate::access::ItemNeed;
use crate::capacity::Report;
use crate::checks::select::Select;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{BatchGetItem, BatchGetItemInput, BatchGetItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use read::{Answer, TableRead, TableRequest};

/// The plan of BatchGetItem.
#[derive(Debug)]
pub struct Plan {
    tables: Vec<TableRequest>,
    capacity: Report,
}

impl Operation<DynamoDb> for BatchGetItem {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<BatchGetItemInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: BatchGetItemInput) -> Result<Plan, ApiError> {
        check::all(&input)?;
        let capacity = Report::of(input.return_consumed_capacity.as_deref());
        let tables = input.request_items.into_iter().flatten().map(TableRequest::of);
        Ok(Plan { tables: tables.collect::<Result<_, _>>()?, capacity })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        let tables = plan.tables.iter();
        let need = |request: &'a TableRequest| {
            ItemNeed::new(cx, "dynamodb:BatchGetItem", &request.table, plan.capacity)
                .items(request.keys().iter().map(|key| &key.item))
                .select(Select::Implied, request.projection.as_ref())
                .into()
        };
        tables.map(need).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<BatchGetItemOutput, ApiError> {
        let mut answer = Answer::new(plan.capacity);
        for read in TableRead::bind(cx, &plan.tables).await? {
            answer.add(cx, read).await?;
        }
        answer.into_output()
    }
}
