//! TransactWriteItems: up to 100 writes and checks, all or none.
//!
//! Order of refusals: no actions, or too many → ReturnValuesOnConditionCheckFailure and missing members of each
//! action, ClientRequestToken, ReturnConsumedCapacity, ReturnItemCollectionMetrics (together) → an element with no
//! or several actions → table names (together) → the token was used for another request → empty names → per action:
//! values, their depth, depth of an item that is put, sizes of expressions, size of the item, the expressions, their
//! names and values → depth of keys → two actions on one item → 4 MB together → a table that is not there → an empty
//! value of a key, of a table or of an index. What comes then cancels the transaction: the first action that does not
//! fit its table's schema, alone; else, with a reason for each action: items held by another transaction, conditions,
//! updates, index keys that updates change.
//!
//! The older layer judges. A request that was done already, by its token, is answered without being done again:
//! the commit itself finds that out. A token that was used for another request goes before everything that comes
//! after table names, so it is looked up when any of that refuses.

mod action;
mod bound_actions;
mod check;
mod echo;
mod fingerprint;
mod report;
mod schema_fault;
mod unsatisfiable_check;

use crate::capacity;
use crate::checks::table_name::resolve_table;
use crate::service::DynamoDb;
use action::Action;
use bound_actions::{BoundActions, Prepared};
use model::ApiError;
use model::dynamodb::{TransactWriteItems, TransactWriteItemsInput, TransactWriteItemsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use report::ReportOptions;

impl Operation<DynamoDb> for TransactWriteItems {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<TransactWriteItemsInput> = Validation::Own;
    type Plan = TransactWriteItemsInput;

    fn check(input: TransactWriteItemsInput) -> Result<TransactWriteItemsInput, ApiError> {
        check::members(&input)?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &TransactWriteItemsInput) -> Access {
        let actions = action::all(input).map(|(_, action)| (action.kind.permission(), action.table_name));
        crate::access::tables(cx, actions.filter_map(|(permission, name)| Some((permission, name?))))
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: TransactWriteItemsInput,
    ) -> Result<TransactWriteItemsOutput, ApiError> {
        let token = fingerprint::token(cx.caller, &input);
        let actions: Vec<Action<'_>> = action::all(&input).map(|(_, action)| action).collect();
        let engine = &cx.service.engine;
        let tables: Vec<_> =
            actions.iter().map(|action| resolve_table(cx, action.table_name.unwrap_or_default())).collect();
        let bound = match plan(&actions, &tables) {
            Ok(bound) => bound,
            Err(refusal) => {
                return Err(bound_actions::reused_token(&tables, engine, token.as_ref())
                    .await
                    .unwrap_or(refusal));
            }
        };
        let tables = tables.into_iter().collect::<Result<Vec<_>, _>>()?;
        let done = bound.write(engine, token.as_ref()).await;
        let done = done.inspect_err(|error| capacity::note_cancelled(cx, &tables, error))?;
        Ok(report::output(cx, ReportOptions::of(&input), &actions, &tables, done))
    }
}

/// The stages from empty names on, up to what cancels.
fn plan(actions: &[Action<'_>], tables: &bound_actions::Tables) -> Result<BoundActions, ApiError> {
    actions.iter().try_for_each(check::empty_names)?;
    let prepared = actions.iter().map(Prepared::of).collect::<Result<Vec<_>, _>>()?;
    actions.iter().try_for_each(check::key_depth)?;
    bound_actions::check_distinct(actions, tables)?;
    check::size(actions)?;
    BoundActions::of(actions, prepared, tables)
}
