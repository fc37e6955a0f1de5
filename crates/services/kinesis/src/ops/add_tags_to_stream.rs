//! AddTagsToStream.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream → more tags than it may have.

use super::tags::{Tagged, Tags};
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{AddTagsToStream, AddTagsToStreamInput, AddTagsToStreamOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation, access};

impl Operation<Kinesis> for AddTagsToStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AddTagsToStreamInput> = Validation::MODEL;
    type Plan = (Tagged, Tags);

    fn check(input: AddTagsToStreamInput) -> Result<(Tagged, Tags), ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        Ok((Tagged::Stream(stream), input.tags.unwrap_or_default()))
    }

    fn access(cx: &Cx<'_, Kinesis>, (tagged, tags): &(Tagged, Tags)) -> Access<'static> {
        tagged.access(cx, "kinesis:AddTagsToStream").tagged(access::Tags::set(tags.clone()))
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        (tagged, tags): (Tagged, Tags),
    ) -> Result<AddTagsToStreamOutput, ApiError> {
        tagged.add(cx, &tags).await?;
        Ok(AddTagsToStreamOutput {})
    }
}
