//! ListTables: names in lexical order, page by page.

use crate::errors::store_error;
use crate::service::{DynamoDb, scope_of};
use model::ApiError;
use model::dynamodb::{ListTables, ListTablesInput, ListTablesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Names on a page by default.
const PAGE_NAMES_MAX: usize = 100;

impl Operation<DynamoDb> for ListTables {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTablesInput> = Validation::MODEL;
    type Plan = ListTablesInput;

    fn check(input: ListTablesInput) -> Result<ListTablesInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &ListTablesInput) -> Access<'static> {
        crate::access::everything("dynamodb:ListTables")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: ListTablesInput) -> Result<ListTablesOutput, ApiError> {
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_NAMES_MAX);
        let after = input.exclusive_start_table_name.as_deref();
        let (engine, scope) = (&cx.service.engine, scope_of(cx.caller));
        let mut names = engine.table_names_after(&scope, after, limit + 1);
        let deleted = engine.deleted_table_names(&scope, cx.now_micros).await;
        add(&mut names, deleted.map_err(|error| store_error(&error))?, after);
        let more = names.len() > limit;
        names.truncate(limit);
        let last_evaluated_table_name = if more { names.last().cloned() } else { None };
        Ok(ListTablesOutput { table_names: Some(names), last_evaluated_table_name })
    }
}

/// Tables that are being deleted are listed among the others.
fn add(names: &mut Vec<String>, deleted: Vec<String>, after: Option<&str>) {
    let is_behind = |name: &String| after.is_none_or(|after| name.as_str() > after);
    let before = names.len();
    names.extend(deleted.into_iter().filter(is_behind));
    if names.len() > before {
        names.sort_unstable();
        names.dedup();
    }
}
