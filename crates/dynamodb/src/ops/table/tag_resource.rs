//! TagResource: adds tags to a table or a stream, and replaces the values of those it has.
//!
//! Order of refusals: the ARN → the list → each tag → keys twice → region and account → no such resource →
//! too many or too large together with those that are there.

use crate::checks::tagged_resource::TaggedResource;
use crate::checks::tags::{self, Tags};
use crate::service::DynamoDb;
use crate::tag_change;
use model::ApiError;
use model::dynamodb::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, access};

impl Operation<DynamoDb> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::Own;
    type Plan = (TaggedResource, Tags);

    fn check(input: TagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((TaggedResource::read(input.resource_arn)?, tags::added(input.tags)?))
    }

    fn access(cx: &Cx<'_, DynamoDb>, (resource, new): &Self::Plan) -> Access<'static> {
        crate::access::resource(cx, "dynamodb:TagResource", resource, access::Tags::set(new.clone()))
    }

    async fn run(cx: &Cx<'_, DynamoDb>, (resource, new): Self::Plan) -> Result<TagResourceOutput, ApiError> {
        let add = |tags: &mut Tags| {
            tags.extend(new.clone());
            tags::fit(tags)
        };
        tag_change::apply(cx, &resource, add).await?;
        Ok(TagResourceOutput {})
    }
}
