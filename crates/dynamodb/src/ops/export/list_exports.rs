//! ListExports: the exports of an account and region, or of one table, the newest first. A table that is not there has
//! none, and one that was created again not those of the one before.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a table → the token.

use crate::checks::table_name::Arn;
use crate::errors::{invalid_parameter, invalid_request, record_error, store_error};
use crate::export::{Export, summary};
use crate::newest_first::is_document_id;
use crate::service::{DynamoDb, scope_of};
use model::ApiError;
use model::dynamodb::{ListExports, ListExportsInput, ListExportsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Exports on a page by default, and at most.
const PAGE_MAX: usize = 25;

/// The checked request.
pub struct Plan {
    table_arn: Option<String>,
    after: Option<String>,
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
        let after = input.next_token.map(|token| place_of(&token)).transpose()?;
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
        let page =
            exports.page(&scope, plan.after.as_deref(), plan.limit + 1, cx.now_micros, is_wanted).await;
        let mut page = page.map_err(|error| record_error(&error))?;
        let is_last = page.len() <= plan.limit;
        page.truncate(plan.limit);
        let next_token = page.last().filter(|_| !is_last).map(token_of);
        Ok(ListExportsOutput { export_summaries: Some(page.iter().map(summary).collect()), next_token })
    }
}

fn token_of(last: &Export) -> String {
    stdx::hex::encode(last.place().as_bytes())
}

fn place_of(token: &str) -> Result<String, ApiError> {
    let place = stdx::hex::decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
    let invalid = || invalid_request(format_args!("Provided nextToken is invalid: {token}"));
    place.filter(|place| is_document_id(place)).ok_or_else(invalid)
}
