//! UntagResource: tags of a function or mapping, removed where they are there.

use crate::service::Lambda;
use crate::tags;
use model::ApiError;
use model::lambda::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::MODEL;
    type Plan = UntagResourceInput;

    fn check(input: UntagResourceInput) -> Result<UntagResourceInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, input: &'a UntagResourceInput) -> Access<'a> {
        Need::new("lambda:UntagResource", input.resource.clone().unwrap_or_default())
            .tagged(Tags::removed(input.tag_keys.iter().flatten().cloned()))
            .into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: UntagResourceInput) -> Result<UntagResourceOutput, ApiError> {
        let removed = input.tag_keys.unwrap_or_default();
        let resource = input.resource.as_deref().unwrap_or_default();
        tags::change(cx, resource, |tags| tags.retain(|key, _| !removed.contains(key))).await?;
        Ok(UntagResourceOutput {})
    }
}
