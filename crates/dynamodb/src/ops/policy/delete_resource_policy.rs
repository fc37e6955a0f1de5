//! DeleteResourcePolicy: takes the policy from a table or a stream; one that has none is left as it is.
//!
//! Order of refusals: the ARN → region and account → no such resource → the revision that is expected.

use super::put_resource_policy::expect;
use crate::checks::tagged_resource::TaggedResource;
use crate::errors::tags_being_updated;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use model::ApiError;
use model::dynamodb::{DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DeleteResourcePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteResourcePolicyInput> = Validation::Own;
    type Plan = (TaggedResource, Option<String>);

    fn check(input: DeleteResourcePolicyInput) -> Result<Self::Plan, ApiError> {
        Ok((TaggedResource::read(input.resource_arn)?, input.expected_revision_id))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (resource, _): &Self::Plan) -> Access<'static> {
        crate::access::policy_of(cx, "dynamodb:DeleteResourcePolicy", resource)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        (resource, expected): Self::Plan,
    ) -> Result<DeleteResourcePolicyOutput, ApiError> {
        let label = resource.stream.clone().unwrap_or_default();
        for _ in 0..ATTEMPTS_MAX {
            let table = resource.find(cx).await?;
            let current = table.settings.resource_policies.get(&label).map(|kept| kept.revision);
            expect(expected.as_deref(), current, &table.name)?;
            let Some(revision) = current else { return Ok(DeleteResourcePolicyOutput::default()) };
            let taken = table_change::attempt(cx, &table, |table| {
                table.settings.resource_policies.remove(&label);
            });
            if taken.await?.is_some() {
                return Ok(DeleteResourcePolicyOutput { revision_id: Some(revision.to_string()) });
            }
        }
        Err(tags_being_updated(&resource.table))
    }
}
