//! ExecuteStatement: one statement of PartiQL.
//!
//! Order of refusals: constraints of the model → values of parameters → the statement, the number of its parameters,
//! operands → a NextToken for a write → no such table, or one with a key of several attributes → NextToken → of a
//! SELECT: index, ConsistentRead, ORDER BY, attributes that the index does not hold, the key; of a write: the key, key
//! attributes that are set, then what PutItem, UpdateItem and DeleteItem refuse.

use crate::capacity::Report;
use crate::checks::page_plan;
use crate::checks::single_write::returns_old_on_failure;
use crate::errors;
use crate::partiql::{NextToken, Prepared, Reader, next_token_secret, write_one};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{ExecuteStatement, ExecuteStatementInput, ExecuteStatementOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The plan of ExecuteStatement.
#[derive(Debug)]
pub struct Plan {
    prepared: Prepared,
    consistent_read: Option<bool>,
    limit: Option<usize>,
    next_token: Option<String>,
    old_on_failure: bool,
    capacity: Report,
}

impl Operation<DynamoDb> for ExecuteStatement {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<ExecuteStatementInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ExecuteStatementInput) -> Result<Plan, ApiError> {
        let prepared = Prepared::outside(input.statement.as_deref().unwrap_or_default(), input.parameters)?;
        if input.next_token.is_some() && !prepared.statement.is_read() {
            return Err(ApiError::validation(errors::INVALID_NEXT_TOKEN));
        }
        let on_failure = input.return_values_on_condition_check_failure;
        Ok(Plan {
            prepared,
            consistent_read: input.consistent_read,
            limit: page_plan::limit(input.limit),
            next_token: input.next_token,
            old_on_failure: returns_old_on_failure(on_failure.as_deref()),
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.prepared.need(cx, plan.capacity, None).into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ExecuteStatementOutput, ApiError> {
        let Plan { prepared, consistent_read, limit, next_token, old_on_failure, capacity } = plan;
        if prepared.statement.is_read() {
            return select(cx, prepared, (consistent_read, limit, capacity), next_token).await;
        }
        let table = prepared.resolve(cx).await?;
        let (item, consumed_capacity) = write_one(cx, prepared, &table, (capacity, old_on_failure)).await?;
        Ok(ExecuteStatementOutput {
            items: Some(item.into_iter().collect()),
            next_token: None,
            consumed_capacity,
            last_evaluated_key: None,
        })
    }
}

async fn select(
    cx: &Cx<'_, DynamoDb>,
    prepared: Prepared,
    options: (Option<bool>, Option<usize>, Report),
    next_token: Option<String>,
) -> Result<ExecuteStatementOutput, ApiError> {
    let token = match next_token {
        Some(text) => Some(NextToken::open(&text, &next_token_secret(cx).await?, cx.now_micros)?),
        None => None,
    };
    let table = prepared.resolve(cx).await?;
    let fingerprint = prepared.fingerprint;
    let reader = Reader::of(prepared, &table, options)?;
    let from = token.map(|token| token.of(&fingerprint, &table)).transpose()?.unwrap_or_default();
    let page = reader.page(cx, from).await?;
    let next_token = match &page.next {
        Some(next) => Some(next.seal(&next_token_secret(cx).await?, cx.now_micros, &fingerprint, &table)),
        None => None,
    };
    Ok(ExecuteStatementOutput {
        items: Some(page.items),
        next_token,
        consumed_capacity: page.consumed_capacity,
        last_evaluated_key: page.next.and_then(|next| next.key),
    })
}
