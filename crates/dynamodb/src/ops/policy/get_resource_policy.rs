//! GetResourcePolicy: the policy of a table or of a stream, as it is kept.
//!
//! Order of refusals: the ARN → region and account → no such resource → no policy.

use crate::checks::tagged_resource::TaggedResource;
use crate::errors::resource_policies::no_policy;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{GetResourcePolicy, GetResourcePolicyInput, GetResourcePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for GetResourcePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetResourcePolicyInput> = Validation::Own;
    type Plan = TaggedResource;

    fn check(input: GetResourcePolicyInput) -> Result<TaggedResource, ApiError> {
        TaggedResource::read(input.resource_arn)
    }

    fn access(cx: &Cx<'_, DynamoDb>, resource: &TaggedResource) -> Access<'static> {
        crate::access::policy_of(cx, "dynamodb:GetResourcePolicy", resource)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        resource: TaggedResource,
    ) -> Result<GetResourcePolicyOutput, ApiError> {
        let table = resource.find(cx).await?;
        let label = resource.stream.as_deref().unwrap_or_default();
        let kept = table.settings.resource_policies.get(label).ok_or_else(|| no_policy(&resource.arn))?;
        Ok(GetResourcePolicyOutput {
            policy: Some(kept.document.clone()),
            revision_id: Some(kept.revision.to_string()),
        })
    }
}
