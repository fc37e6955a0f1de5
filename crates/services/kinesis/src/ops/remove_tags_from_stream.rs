//! RemoveTagsFromStream.
//!
//! Order of refusals: the constraints of the model → no stream named → no such stream.

use super::tags::Tagged;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{RemoveTagsFromStream, RemoveTagsFromStreamInput, RemoveTagsFromStreamOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kinesis> for RemoveTagsFromStream {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RemoveTagsFromStreamInput> = Validation::MODEL;
    type Plan = (Tagged, Vec<String>);

    fn check(input: RemoveTagsFromStreamInput) -> Result<(Tagged, Vec<String>), ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        Ok((Tagged::Stream(stream), input.tag_keys.unwrap_or_default()))
    }

    fn access(cx: &Cx<'_, Kinesis>, (tagged, keys): &(Tagged, Vec<String>)) -> Access<'static> {
        tagged.access(cx, "kinesis:RemoveTagsFromStream").tagged(Tags::removed(keys.iter().cloned()))
    }

    async fn run(
        cx: &Cx<'_, Kinesis>,
        (tagged, keys): (Tagged, Vec<String>),
    ) -> Result<RemoveTagsFromStreamOutput, ApiError> {
        tagged.remove(cx, &keys).await?;
        Ok(RemoveTagsFromStreamOutput {})
    }
}
