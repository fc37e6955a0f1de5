//! TagResource: tags of a function or mapping, added to those it has.

use crate::service::Lambda;
use crate::tags;
use model::ApiError;
use model::lambda::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = TagResourceInput;

    fn check(input: TagResourceInput) -> Result<TagResourceInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, input: &'a TagResourceInput) -> Access<'a> {
        Need::new("lambda:TagResource", input.resource.clone().unwrap_or_default())
            .tagged(Tags::set(input.tags.clone().unwrap_or_default()))
            .into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: TagResourceInput) -> Result<TagResourceOutput, ApiError> {
        let added = input.tags.unwrap_or_default();
        let resource = input.resource.as_deref().unwrap_or_default();
        tags::change(cx, resource, |tags| tags.extend(added.clone())).await?;
        Ok(TagResourceOutput {})
    }
}
