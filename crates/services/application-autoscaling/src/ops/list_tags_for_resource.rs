//! ListTagsForResource: the tags of a target.
//!
//! Order of refusals: the model's constraints, all together; whether there is such a target.

use crate::errors;
use crate::service::{ApplicationAutoScaling, Caller};
use model::ApiError;
use model::application_autoscaling::{
    ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for ListTagsForResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsForResourceInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: ListTagsForResourceInput) -> Result<String, ApiError> {
        Ok(input.resource_arn.unwrap_or_default())
    }

    fn access<'a>(_: &'a Cx<'_, ApplicationAutoScaling>, arn: &'a String) -> Access<'a> {
        Need::new("application-autoscaling:ListTagsForResource", arn.as_str()).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        arn: String,
    ) -> Result<ListTagsForResourceOutput, ApiError> {
        let caller = Caller::of(cx);
        let place = cx.service.place_of(&caller, &arn).await?;
        let target = cx.service.target(&caller, &place).await.map_err(errors::record)?;
        let target = target.ok_or_else(|| errors::no_resource(&arn))?;
        Ok(ListTagsForResourceOutput { tags: Some(target.tags) })
    }
}
