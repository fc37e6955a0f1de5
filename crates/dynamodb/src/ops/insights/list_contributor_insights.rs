//! ListContributorInsights: tables and global indexes whose keys are ranked, in the order of their names, page by page.
//!
//! Order of refusals: constraints → the token → no such table.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::contributor_insights::{Subject, subjects};
use crate::service::{DynamoDb, scope_of};
use engine::Table;
use model::dynamodb::{ListContributorInsights, ListContributorInsightsInput, ListContributorInsightsOutput};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// Summaries of a page by default, and at most.
const PAGE_MAX: usize = 100;

/// What is asked for, checked.
pub struct Plan {
    table: Option<TableRef>,
    /// Table and index (none: the table itself) that the page before ended with.
    after: Option<(String, Option<String>)>,
    limit: usize,
}

impl Operation<DynamoDb> for ListContributorInsights {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListContributorInsightsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: ListContributorInsightsInput) -> Result<Plan, ApiError> {
        let violations = match input.table_name.as_deref() {
            Some(name) => control_table_name::all_violations(Some(name), &input)?,
            None => {
                let mut violations = Vec::new();
                input.violations(&mut violations);
                violations
            }
        };
        refuse(&violations)?;
        let limit =
            input.max_results.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
        Ok(Plan {
            after: input.next_token.as_deref().map(place_of).transpose()?,
            table: input.table_name.map(|name| TableRef::of(Some(name))),
            limit: limit.unwrap_or(PAGE_MAX),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        match &plan.table {
            Some(table) => crate::access::table(cx, "dynamodb:ListContributorInsights", table),
            None => crate::access::everything("dynamodb:ListContributorInsights"),
        }
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ListContributorInsightsOutput, ApiError> {
        let tables = tables(cx, plan.table.as_ref()).await?;
        let all = tables.iter().flat_map(|table| subjects(table));
        let mut rest = all
            .filter(|subject| plan.after.as_ref().is_none_or(|after| place(subject) > *after))
            .filter_map(|subject| Some((place(&subject), subject.summary(cx.now_micros)?)))
            .peekable();
        let page: Vec<_> = rest.by_ref().take(plan.limit).collect();
        let last = page.last().filter(|_| rest.peek().is_some());
        let next_token = last.map(|((table, index), _)| token_of(table, index.as_deref()));
        let summaries = page.into_iter().map(|(_, summary)| summary).collect();
        Ok(ListContributorInsightsOutput { contributor_insights_summaries: Some(summaries), next_token })
    }
}

/// The table that is named, or all of the caller's in the order of their names.
async fn tables(cx: &Cx<'_, DynamoDb>, named: Option<&TableRef>) -> Result<Vec<Arc<Table>>, ApiError> {
    if let Some(named) = named {
        return Ok(vec![control_table_name::find(cx, named).await?]);
    }
    let scope = scope_of(cx.caller);
    let mut tables = cx.service.engine.tables();
    tables.retain(|table| table.scope == scope && !table.settings.contributor_insights.is_empty());
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tables)
}

fn place(subject: &Subject<'_>) -> (String, Option<String>) {
    (subject.table.name.clone(), subject.index.map(|index| index.name.clone()))
}

/// Names of tables and indexes have no slash.
fn token_of(table: &str, index: Option<&str>) -> String {
    index.map_or_else(|| table.to_owned(), |index| format!("{table}/{index}"))
}

fn place_of(token: &str) -> Result<(String, Option<String>), ApiError> {
    let is_name = |name: &str| crate::checks::table_name::is_name(name) && !name.is_empty();
    let (table, index) = token.split_once('/').map_or((token, None), |(table, index)| (table, Some(index)));
    match is_name(table) && index.is_none_or(is_name) {
        true => Ok((table.to_owned(), index.map(str::to_owned))),
        false => Err(ApiError::validation("The provided NextToken is invalid")),
    }
}
