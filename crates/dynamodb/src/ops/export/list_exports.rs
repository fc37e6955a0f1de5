//! ListExports: the exports of an account and region, or of one table, the newest first. A table that is not there has
//! none, and one that was created again not those of the one before.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a table → the token.

use crate::checks::table_name::Arn;
use crate::errors::{invalid_parameter, record_error, store_error};
use crate::export::{Export, summary};
use crate::service::{DynamoDb, scope_of};
use crate::transfer::Place;
use model::ApiError;
use model::dynamodb::{ListExports, ListExportsInput, ListExportsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Exports on a page by default, and at most.
const PAGE_MAX: usize = 25;

/// The checked request.
pub struct Plan {
    table_arn: Option<String>,
    after: Option<Place>,
    limit: usize,
}

impl Operation<DynamoDb> for ListExports {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListExportsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListExportsInput) -> Result<Plan, ApiError> {
        if input.table_arn.as_deref().is_some_and(|arn| Arn::parse(arn).is_none()) {
            return Err(invalid_parameter("tableArn is not a valid ARN"));
        }
        let limit = input.max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_MAX);
        let after = input.next_token.map(|token| Place::read(&token)).transpose()?;
        Ok(Plan { table_arn: input.table_arn, after, limit })
    }

    fn access(_: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        match &plan.table_arn {
            Some(arn) => Need::new("dynamodb:ListExports", format!("{arn}/export/*")).into(),
            None => crate::access::everything("dynamodb:ListExports"),
        }
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ListExportsOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let mut uuid = None;
        if let Some(arn) = &plan.table_arn {
            let name = Arn::parse(arn).map(|arn| arn.table).unwrap_or_default();
            let found = cx.service.engine.find_table(&scope, name).await;
            let found = found.map_err(|error| store_error(&error))?.filter(|table| table.arn() == *arn);
            let Some(table) = found else {
                return Ok(ListExportsOutput { export_summaries: Some(Vec::new()), next_token: None });
            };
            uuid = Some(table.uuid.clone());
        }
        let is_wanted = |export: &Export| uuid.as_ref().is_none_or(|uuid| *uuid == export.table.uuid);
        let exports = &cx.service.exports;
        let page = exports.page(&scope, plan.after.as_ref(), plan.limit, cx.now_micros, is_wanted).await;
        let (page, next_token) = page.map_err(|error| record_error(&error))?;
        Ok(ListExportsOutput { export_summaries: Some(page.iter().map(summary).collect()), next_token })
    }
}
