//! BatchExecuteStatement: up to 25 statements, each by itself. What one refuses is its element of the answer.
//!
//! Order of refusals of the whole: constraints of the model → reads beside writes → two statements about one item.

use crate::capacity::Report;
use crate::checks::single_write::returns_old_on_failure;
use crate::errors;
use crate::partiql::{Answer, NextToken, Prepared, Reader, are_of_one_kind, item_place, write_each};
use crate::service::DynamoDb;
use engine::{ItemKey, Table};
use model::ApiError;
use model::dynamodb::{
    BatchExecuteStatement, BatchExecuteStatementInput, BatchExecuteStatementOutput, BatchStatementRequest,
    BatchStatementResponse,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::HashSet;
use std::sync::Arc;

const OPERATION: &str = "BatchExecuteStatement";

/// The plan of BatchExecuteStatement.
#[derive(Debug)]
pub struct Plan {
    statements: Vec<Result<Planned, ApiError>>,
    capacity: Report,
}

/// A statement that could be read.
#[derive(Debug)]
struct Planned {
    prepared: Prepared,
    consistent_read: Option<bool>,
    old_on_failure: bool,
}

impl Operation<DynamoDb> for BatchExecuteStatement {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<BatchExecuteStatementInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: BatchExecuteStatementInput) -> Result<Plan, ApiError> {
        let statements: Vec<_> = input.statements.into_iter().flatten().map(Planned::of).collect();
        if !are_of_one_kind(statements.iter().flatten().map(|one| &one.prepared)) {
            return Err(ApiError::validation(errors::BATCH_READS_AND_WRITES));
        }
        Ok(Plan { statements, capacity: Report::of(input.return_consumed_capacity.as_deref()) })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        let readable = plan.statements.iter().flatten();
        readable.map(|one| one.prepared.need(cx, plan.capacity, Some(OPERATION))).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<BatchExecuteStatementOutput, ApiError> {
        let mut placed = Vec::with_capacity(plan.statements.len());
        for statement in plan.statements {
            placed.push(place(cx, statement).await);
        }
        let mut seen = HashSet::new();
        let keys = placed.iter().filter_map(|one| one.as_ref().ok()?.key.as_ref());
        if !keys.into_iter().all(|key| seen.insert(key)) {
            return Err(ApiError::validation(errors::BATCH_SAME_ITEM));
        }
        let name = |one: &Result<Placed, Refused>| match one {
            Ok(placed) => Some(placed.planned.prepared.table.as_sent().to_owned()),
            Err((_, name)) => name.clone(),
        };
        let names: Vec<_> = placed.iter().map(name).collect();
        let (mut responses, mut capacities) = (Vec::new(), Vec::new());
        for (name, done) in names.into_iter().zip(execute(cx, placed, plan.capacity).await) {
            let response = match done {
                Ok((item, consumed)) => {
                    capacities.extend(consumed);
                    BatchStatementResponse { error: None, table_name: name, item }
                }
                Err(error) => {
                    let error = Some(errors::of_batch(error));
                    BatchStatementResponse { error, table_name: name, item: None }
                }
            };
            responses.push(response);
        }
        Ok(BatchExecuteStatementOutput {
            responses: Some(responses),
            consumed_capacity: (plan.capacity != Report::Nothing).then_some(capacities),
        })
    }
}

impl Planned {
    fn of(request: BatchStatementRequest) -> Result<Planned, ApiError> {
        let text = request.statement.as_deref().unwrap_or_default();
        let prepared = Prepared::outside(text, request.parameters)?;
        let on_failure = request.return_values_on_condition_check_failure;
        Ok(Planned {
            prepared,
            consistent_read: request.consistent_read,
            old_on_failure: returns_old_on_failure(on_failure.as_deref()),
        })
    }
}

/// A statement in its table.
struct Placed {
    planned: Planned,
    table: Arc<Table>,
    /// The item it is about, where it names one.
    key: Option<ItemKey>,
}

/// Why a statement cannot be executed, and its table where that was told.
type Refused = (ApiError, Option<String>);

async fn place(cx: &Cx<'_, DynamoDb>, statement: Result<Planned, ApiError>) -> Result<Placed, Refused> {
    let planned = statement.map_err(|error| (error, None))?;
    let name = || Some(planned.prepared.table.as_sent().to_owned());
    let table = planned.prepared.resolve(cx).await.map_err(|error| (error, name()))?;
    let key = item_place(&planned.prepared, &table);
    if planned.prepared.statement.is_read() && key.is_none() {
        return Err((ApiError::validation(errors::BATCH_WITHOUT_KEY), name()));
    }
    Ok(Placed { planned, table, key })
}

/// Executes what is placed: reads one after the other, writes under one commit.
async fn execute(
    cx: &Cx<'_, DynamoDb>,
    statements: Vec<Result<Placed, Refused>>,
    capacity: Report,
) -> Vec<Result<Answer, ApiError>> {
    let (mut done, mut writes, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (at, statement) in statements.into_iter().enumerate() {
        done.push(match statement {
            Err((error, _)) => Err(error),
            Ok(placed) if placed.planned.prepared.statement.is_read() => read(cx, placed, capacity).await,
            Ok(Placed { planned, table, .. }) => {
                places.push(at);
                writes.push((planned.prepared, table, planned.old_on_failure));
                Ok((None, None))
            }
        });
    }
    for (at, answer) in places.into_iter().zip(write_each(cx, writes, capacity).await) {
        done[at] = answer;
    }
    done
}

async fn read(cx: &Cx<'_, DynamoDb>, placed: Placed, capacity: Report) -> Result<Answer, ApiError> {
    let Placed { planned: Planned { prepared, consistent_read, .. }, table, .. } = placed;
    let reader = Reader::of(prepared, &table, (consistent_read, None, capacity))?;
    let page = reader.page(cx, NextToken::default()).await?;
    Ok((page.items.into_iter().next(), page.consumed_capacity))
}
