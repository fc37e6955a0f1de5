//! UntagResource: of a stream or a consumer.
//!
//! Order of refusals: the constraints of the model → not an ARN of either → not there.

use super::tags::Tagged;
use crate::service::Kinesis;
use model::ApiError;
use model::kinesis::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::MODEL;
    type Plan = (Tagged, Vec<String>);

    fn check(input: UntagResourceInput) -> Result<(Tagged, Vec<String>), ApiError> {
        Ok((Tagged::parse(input.resource_arn)?, input.tag_keys.unwrap_or_default()))
    }

    fn access(cx: &Cx<'_, Kinesis>, (tagged, keys): &(Tagged, Vec<String>)) -> Access<'static> {
        tagged.access(cx, "kinesis:UntagResource").tagged(Tags::removed(keys.iter().cloned()))
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        (tagged, keys): (Tagged, Vec<String>),
    ) -> Result<UntagResourceOutput, ApiError> {
        tagged.remove(cx, &keys).await?;
        Ok(UntagResourceOutput {})
    }
}
