//! TransactWriteItems: up to 100 writes and checks, all or none.
//!
//! Order of refusals: no actions, or too many → ReturnValuesOnConditionCheckFailure and missing members of each
//! action, ClientRequestToken, ReturnConsumedCapacity, ReturnItemCollectionMetrics (together) → an element with no
//! or several actions → table names (together) → the token was used for another request → empty names → per action:
//! values, their depth, depth of an item that is put, sizes of expressions, size of the item, the expressions, their
//! names and values → depth of keys → two actions on one item → 4 MB together → a table that is not there → an empty
//! value of a key, of a table or of an index. What comes then cancels the transaction: the first action that does not
//! fit its table's schema, alone; else, with a reason for each action: capacity that is short, alone; items held by
//! another transaction, conditions, updates, index keys that updates change.
//!
//! The older layer judges. A request that was done already, by its token, is answered without being done again:
//! the commit itself finds that out. A token that was used for another request goes before everything that comes
//! after table names, so it is looked up when any of that refuses.

mod action;
mod bound_actions;
mod check;
mod echo;
mod fingerprint;
mod plan;
mod prepared;
mod report;
mod schema_fault;
mod unsatisfiable_check;

use crate::capacity::{self, Admission};
use crate::checks::table_ref::TableRef;
use crate::service::DynamoDb;
use bound_actions::BoundActions;
use model::ApiError;
use model::dynamodb::{TransactWriteItems, TransactWriteItemsInput, TransactWriteItemsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use plan::Plan;

impl Operation<DynamoDb> for TransactWriteItems {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<TransactWriteItemsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: TransactWriteItemsInput) -> Result<Plan, ApiError> {
        check::members(&input)?;
        Ok(Plan::of(input))
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.needs(cx).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<TransactWriteItemsOutput, ApiError> {
        let Plan { token, actions, prepared, size, report } = plan;
        let token = token.map(|token| token.of_caller(cx.caller));
        let engine = &cx.service.engine;
        let tables = TableRef::resolve_each(cx, actions.iter().map(|action| &action.table)).await;
        let bound = match BoundActions::of(actions, prepared, size, &tables) {
            Ok(bound) => bound,
            Err(refusal) => {
                let reused = bound_actions::reused_token(&tables, engine, token.as_ref()).await;
                return Err(reused.unwrap_or(refusal));
            }
        };
        let admissions = Admission::of_each(cx, bound.units())?;
        let done = bound.write(engine, token.as_ref()).await;
        let done = done.inspect_err(|error| capacity::note_cancelled(cx, bound.tables(), error))?;
        Ok(report.output(cx, &bound, &admissions, done))
    }
}
