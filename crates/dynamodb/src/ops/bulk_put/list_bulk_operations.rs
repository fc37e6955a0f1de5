//! ListBulkOperations: the bulk operations of an account and region, the newest first.
//!
//! Order of refusals: the constraints of the model → the token.

use crate::bulk_put::summary;
use crate::errors::record_error;
use crate::service::{DynamoDb, scope_of};
use crate::transfer::Place;
use model::ApiError;
use model::dynamodb::{ListBulkOperations, ListBulkOperationsInput, ListBulkOperationsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Operations on a page where the request does not say it.
const PAGE: usize = 10;

/// The checked request.
pub struct Plan {
    after: Option<Place>,
    limit: usize,
}

impl Operation<DynamoDb> for ListBulkOperations {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListBulkOperationsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListBulkOperationsInput) -> Result<Plan, ApiError> {
        let limit = input.max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE);
        let after = input.next_token.map(|token| Place::read(&token)).transpose()?;
        Ok(Plan { after, limit })
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &Plan) -> Access<'static> {
        crate::access::everything("dynamodb:ListBulkOperations")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ListBulkOperationsOutput, ApiError> {
        let (scope, after) = (scope_of(cx.caller), plan.after.as_ref());
        let page = cx.service.bulk_puts.page(&scope, after, plan.limit, cx.now_micros, |_| true).await;
        let (page, next_token) = page.map_err(|error| record_error(&error))?;
        let shown = page.iter().map(summary).collect();
        Ok(ListBulkOperationsOutput { bulk_operations_summary_list: Some(shown), next_token })
    }
}
