//! ListTags: the tags of a function or of an event source mapping.

use crate::service::Lambda;
use crate::tags;
use model::ApiError;
use model::lambda::{ListTags, ListTagsInput, ListTagsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for ListTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsInput> = Validation::MODEL;
    type Plan = ListTagsInput;

    fn check(input: ListTagsInput) -> Result<ListTagsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, input: &'a ListTagsInput) -> Access<'a> {
        Need::new("lambda:ListTags", input.resource.clone().unwrap_or_default()).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: ListTagsInput) -> Result<ListTagsOutput, ApiError> {
        let tags = tags::read(cx, input.resource.as_deref().unwrap_or_default()).await?;
        Ok(ListTagsOutput { tags: Some(tags) })
    }
}
