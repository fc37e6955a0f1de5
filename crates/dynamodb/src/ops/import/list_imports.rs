//! ListImports: the imports of an account and region, or of tables of one name, the newest first.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a table → the token.

use crate::checks::table_name::Arn;
use crate::errors::{invalid_parameter, invalid_request, record_error};
use crate::import::{Import, summary};
use crate::newest_first::is_document_id;
use crate::service::{DynamoDb, scope_of};
use model::ApiError;
use model::dynamodb::{ListImports, ListImportsInput, ListImportsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Imports on a page by default, and at most.
const PAGE_MAX: usize = 25;
/// Clients take tokens of so many digits at least, in groups.
const TOKEN_BYTES_MIN: usize = 56;
const TOKEN_GROUP_BYTES: usize = 8;

/// The checked request.
pub struct Plan {
    table_arn: Option<String>,
    after: Option<String>,
    limit: usize,
}

impl Operation<DynamoDb> for ListImports {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListImportsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListImportsInput) -> Result<Plan, ApiError> {
        if input.table_arn.as_deref().is_some_and(|arn| Arn::parse(arn).is_none()) {
            return Err(invalid_parameter("tableArn is not a valid ARN"));
        }
        let limit = input.page_size.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_MAX);
        let after = input.next_token.map(|token| place_of(&token)).transpose()?;
        Ok(Plan { table_arn: input.table_arn, after, limit })
    }

    fn access(_: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        match &plan.table_arn {
            Some(arn) => Need::new("dynamodb:ListImports", format!("{arn}/import/*")).into(),
            None => crate::access::everything("dynamodb:ListImports"),
        }
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ListImportsOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let is_wanted =
            |import: &Import| plan.table_arn.as_ref().is_none_or(|arn| *arn == import.table_arn());
        let imports = &cx.service.imports;
        let page =
            imports.page(&scope, plan.after.as_deref(), plan.limit + 1, cx.now_micros, is_wanted).await;
        let mut page = page.map_err(|error| record_error(&error))?;
        let is_last = page.len() <= plan.limit;
        page.truncate(plan.limit);
        let next_token = page.last().filter(|_| !is_last).map(token_of);
        Ok(ListImportsOutput { import_summary_list: Some(page.iter().map(summary).collect()), next_token })
    }
}

/// The place of the last import, filled up with zeros.
fn token_of(last: &Import) -> String {
    let mut place = last.place().into_bytes();
    let length = place.len().max(TOKEN_BYTES_MIN).next_multiple_of(TOKEN_GROUP_BYTES);
    place.resize(length, 0);
    stdx::hex::encode(&place)
}

fn place_of(token: &str) -> Result<String, ApiError> {
    let place = stdx::hex::decode(token).and_then(|bytes| String::from_utf8(bytes).ok());
    let place = place.map(|place| place.trim_end_matches('\0').to_owned());
    let invalid = || invalid_request(format_args!("Provided nextToken is invalid: {token}"));
    place.filter(|place| is_document_id(place)).ok_or_else(invalid)
}
