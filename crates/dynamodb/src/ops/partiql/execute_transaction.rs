//! ExecuteTransaction: up to 100 statements, all reads or all writes, all or none.
//!
//! Order of refusals: constraints of the model → statements, in order → reads beside writes → indexes, RETURNING → a
//! table that is not there → keys → what TransactWriteItems and TransactGetItems refuse from the items on.

use crate::capacity::{self, Admission, Report, TransactCosts, Units};
use crate::checks::single_write::returns_old_on_failure;
use crate::checks::table_ref::TableRef;
use crate::checks::transact_list;
use crate::errors::{self, KeyUse};
use crate::partiql::{Prepared, are_of_one_kind, bind, project};
use crate::service::DynamoDb;
use engine::meter::{transact_read_units, transact_write_units};
use engine::transact::TransactOperation;
use engine::{ItemKey, Table, TransactGet, TransactToken, Write};
use expr::Condition;
use expr::partiql::Statement;
use model::ApiError;
use model::dynamodb::{
    ExecuteTransaction, ExecuteTransactionInput, ExecuteTransactionOutput, ItemResponse,
    ParameterizedStatement,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use stdx::limits::TRANSACTION_BYTES_MAX;
use types::Item;

const OPERATION: &str = "ExecuteTransaction";

/// The plan of ExecuteTransaction.
#[derive(Debug)]
pub struct Plan {
    statements: Vec<Planned>,
    token: Option<String>,
    capacity: Report,
}

#[derive(Debug)]
struct Planned {
    prepared: Prepared,
    old_on_failure: bool,
}

impl Operation<DynamoDb> for ExecuteTransaction {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<ExecuteTransactionInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ExecuteTransactionInput) -> Result<Plan, ApiError> {
        let statements = input.transact_statements.into_iter().flatten().enumerate();
        let statements = statements.map(|(at, one)| in_statement(at, Planned::of(one)));
        let statements = statements.collect::<Result<Vec<_>, _>>()?;
        if !are_of_one_kind(statements.iter().map(|one| &one.prepared)) {
            return Err(ApiError::validation(errors::TRANSACTION_READS_AND_WRITES));
        }
        for (at, one) in statements.iter().enumerate() {
            in_statement(at, one.check())?;
        }
        Ok(Plan {
            statements,
            token: input.client_request_token,
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.statements.iter().map(|one| one.prepared.need(cx, plan.capacity, Some(OPERATION))).collect()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ExecuteTransactionOutput, ApiError> {
        let mut tables = Vec::with_capacity(plan.statements.len());
        for statement in &plan.statements {
            tables.push(statement.prepared.resolve(cx).await?);
        }
        match plan.statements.iter().any(|one| one.prepared.statement.is_read()) {
            true => read(cx, plan, &tables).await,
            false => write(cx, plan, tables).await,
        }
    }
}

/// The position of a statement in what is wrong with it.
fn in_statement<T>(at: usize, checked: Result<T, ApiError>) -> Result<T, ApiError> {
    checked.map_err(|error| errors::statement_of_transaction(at, error))
}

impl Planned {
    fn of(one: ParameterizedStatement) -> Result<Planned, ApiError> {
        let prepared = Prepared::of(one.statement.as_deref().unwrap_or_default(), one.parameters)?;
        let on_failure = one.return_values_on_condition_check_failure;
        Ok(Planned { prepared, old_on_failure: returns_old_on_failure(on_failure.as_deref()) })
    }

    fn check(&self) -> Result<(), ApiError> {
        let text = match &self.prepared.statement {
            Statement::Select(select) | Statement::Exists(select) if select.target.index.is_some() => {
                errors::TRANSACTION_INDEX
            }
            Statement::Update(update) if update.returning.is_some() => errors::TRANSACTION_RETURNING,
            Statement::Delete(delete) if delete.returning.is_some() => errors::TRANSACTION_RETURNING,
            _ => return Ok(()),
        };
        Err(ApiError::validation(text))
    }
}

async fn write(
    cx: &Cx<'_, DynamoDb>,
    plan: Plan,
    tables: Vec<Arc<Table>>,
) -> Result<ExecuteTransactionOutput, ApiError> {
    let token = token(cx, &plan);
    let (mut names, mut writes): (Vec<TableRef>, Vec<(Arc<Table>, Write)>) = (Vec::new(), Vec::new());
    for (at, (planned, table)) in plan.statements.into_iter().zip(tables).enumerate() {
        let write = in_statement(at, bind(planned.prepared.statement, &table))?;
        let fits = write.check_index_keys(&table).map_err(|fault| errors::index_key_fault(&fault));
        in_statement(at, fits)?;
        names.push(planned.prepared.table);
        writes.push((table, write.returning_old_on_failure(planned.old_on_failure)));
    }
    transact_list::check_distinct(writes.iter().map(|(_, write)| write.key()))?;
    let least = transact_write_units(0, 0);
    let units = writes.iter().map(|(table, write)| (&**table, Units::of_write(table, write.key(), least)));
    let admissions = Admission::of_each(cx, units)?;
    let done =
        cx.service.engine.transact_write(&writes, token.as_ref()).await.map_err(errors::transact_error);
    let tables = writes.iter().map(|(table, _)| table);
    let done = done.inspect_err(|error| capacity::note_cancelled(cx, tables, error))?;
    let costs = names.iter().zip(&writes).zip(&admissions).zip(&done.actions);
    let costs =
        costs.map(|(((name, (table, _)), admission), written)| (name.as_sent(), table, admission, written));
    let costs = TransactCosts::of_writes(cx, done.replayed, costs);
    Ok(ExecuteTransactionOutput {
        responses: Some(Vec::new()),
        consumed_capacity: costs.report(cx, plan.capacity),
    })
}

/// ClientRequestToken, which is one of this operation, with a digest of its statements.
fn token(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Option<TransactToken> {
    let token = plan.token.clone()?;
    let mut hash = Sha256::new();
    for one in &plan.statements {
        hash.update(one.prepared.fingerprint);
        hash.update([u8::from(one.old_on_failure)]);
    }
    Some(TransactToken {
        scope: format!("{}/{}", cx.caller.account, cx.caller.region),
        operation: TransactOperation::ExecuteTransaction,
        token,
        fingerprint: hash.finalize().into(),
    })
}

async fn read(
    cx: &Cx<'_, DynamoDb>,
    plan: Plan,
    tables: &[Arc<Table>],
) -> Result<ExecuteTransactionOutput, ApiError> {
    if tables.iter().any(|table| table.is_strong()) {
        return Err(errors::no_transactions());
    }
    let (mut gets, mut conditions) = (Vec::new(), Vec::new());
    for (at, (planned, table)) in plan.statements.iter().zip(tables).enumerate() {
        let (key, condition) = in_statement(at, key(&planned.prepared, table))?;
        gets.push(TransactGet { table: Arc::clone(table), key, projection: None });
        conditions.push(condition);
    }
    transact_list::check_distinct(gets.iter().map(|get| &get.key))?;
    let units =
        gets.iter().map(|get| (&*get.table, Units::of_read(&get.table, &get.key, transact_read_units(0))));
    let admissions = Admission::of_each(cx, units)?;
    let found = cx.service.engine.transact_get(&gets).await.map_err(errors::read_error)?;
    if found.iter().flatten().map(|found| found.size_bytes).sum::<usize>() > TRANSACTION_BYTES_MAX {
        return Err(ApiError::validation(errors::TRANSACTION_TOO_LARGE));
    }
    let sizes = found.iter().map(|found| found.as_ref().map_or(0, |found| found.size_bytes));
    let costs = plan.statements.iter().zip(tables).zip(&admissions).zip(sizes);
    let costs = costs.map(|(((planned, table), admission), size)| {
        (planned.prepared.table.as_sent(), table, admission, size)
    });
    let costs = TransactCosts::of_reads(cx, costs);
    let items = found
        .into_iter()
        .zip(&plan.statements)
        .zip(conditions)
        .map(|((found, planned), condition)| answer(found?.item, &planned.prepared.statement, condition));
    Ok(ExecuteTransactionOutput {
        responses: Some(items.map(|item| ItemResponse { item }).collect()),
        consumed_capacity: costs.report(cx, plan.capacity),
    })
}

fn key(prepared: &Prepared, table: &Table) -> Result<(ItemKey, Option<Condition>), ApiError> {
    let (key, condition) = prepared.item_key(table)?;
    let key = ItemKey::exact(table, &key).map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?;
    Ok((key, condition))
}

/// What a SELECT answers of the item that it names, if the rest of its clause holds.
fn answer(item: Item, statement: &Statement, condition: Option<Condition>) -> Option<Item> {
    let Statement::Select(select) = statement else { return None };
    if condition.is_some_and(|condition| !condition.matches(item.as_ref())) {
        return None;
    }
    Some(match &select.paths {
        Some(paths) => project(item.as_ref(), paths),
        None => item,
    })
}
