//! ListImports: the imports of an account and region, or of tables of one name, the newest first.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a table → the token.

use crate::checks::table_name::Arn;
use crate::errors::{invalid_parameter, record_error};
use crate::import::{Import, summary};
use crate::service::{DynamoDb, scope_of};
use crate::transfer::{Place, Transfer};
use model::ApiError;
use model::dynamodb::{ListImports, ListImportsInput, ListImportsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Imports on a page by default, and at most.
const PAGE_MAX: usize = 25;

/// The checked request.
pub struct Plan {
    table_arn: Option<String>,
    after: Option<Place>,
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
        let after = input.next_token.map(|token| Place::read(&token)).transpose()?;
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
        let page = imports.page(&scope, plan.after.as_ref(), plan.limit, cx.now_micros, is_wanted).await;
        let (page, next_token) = page.map_err(|error| record_error(&error))?;
        Ok(ListImportsOutput { import_summary_list: Some(page.iter().map(summary).collect()), next_token })
    }
}
