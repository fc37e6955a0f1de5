//! UntagResource: removes tags by their keys. Keys that are not there are ignored.
//!
//! Order of refusals: the ARN → the list → each key → region and account → no such resource.

use crate::checks::tagged_resource::TaggedResource;
use crate::checks::tags::{self, Tags};
use crate::service::DynamoDb;
use crate::tag_change;
use model::ApiError;
use model::dynamodb::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, access};

impl Operation<DynamoDb> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::Own;
    type Plan = (TaggedResource, Vec<String>);

    fn check(input: UntagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((TaggedResource::read(input.resource_arn)?, tags::removed(input.tag_keys)?))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (resource, keys): &Self::Plan) -> Access<'static> {
        crate::access::resource(
            cx,
            "dynamodb:UntagResource",
            resource,
            access::Tags::removed(keys.iter().cloned()),
        )
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        (resource, keys): Self::Plan,
    ) -> Result<UntagResourceOutput, ApiError> {
        let remove = |tags: &mut Tags| {
            tags.retain(|key, _| !keys.contains(key));
            Ok(())
        };
        tag_change::apply(cx, &resource, remove).await?;
        Ok(UntagResourceOutput {})
    }
}
