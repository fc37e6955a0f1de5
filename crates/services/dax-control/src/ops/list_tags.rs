//! ListTags: the tags of a cluster.
//!
//! Order of refusals: the model's constraints; the ARN; whether the cluster is there.

use super::{constraints, name_of};
use crate::service::DaxControl;
use crate::tags;
use model::ApiError;
use model::dax::{ListTags, ListTagsInput, ListTagsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<DaxControl> for ListTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsInput> = Validation::Own;
    type Plan = String;

    fn check(input: ListTagsInput) -> Result<String, ApiError> {
        constraints(&input)?;
        Ok(input.resource_name.unwrap_or_default())
    }

    fn access<'a>(_: &'a Cx<'_, DaxControl>, arn: &'a String) -> Access<'a> {
        Need::new("dax:ListTags", arn.as_str()).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, arn: String) -> Result<ListTagsOutput, ApiError> {
        let cluster = cx.service.cluster(cx, &name_of(cx, &arn)?).await?;
        Ok(ListTagsOutput { tags: Some(tags::shown(&cluster.tags)), next_token: None })
    }
}
