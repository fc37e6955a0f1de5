//! TagResource: of a stream or a consumer.
//!
//! Order of refusals: the constraints of the model → not an ARN of either → not there → more tags than it may have.

use super::tags::{Tagged, Tags};
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, access};

impl Operation<Kinesis> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = (Tagged, Tags);

    fn check(input: TagResourceInput) -> Result<(Tagged, Tags), ApiError> {
        Ok((Tagged::parse(input.resource_arn)?, input.tags.unwrap_or_default()))
    }

    fn access(cx: &Cx<'_, Kinesis>, (tagged, tags): &(Tagged, Tags)) -> Access<'static> {
        tagged.access(cx, "kinesis:TagResource").tagged(access::Tags::set(tags.clone()))
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        (tagged, tags): (Tagged, Tags),
    ) -> Result<TagResourceOutput, ApiError> {
        tagged.add(cx, &tags).await?;
        Ok(TagResourceOutput {})
    }
}
