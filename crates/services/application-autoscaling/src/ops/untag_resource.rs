//! UntagResource: takes tags from a target.
//!
//! Order of refusals: the model's constraints, all together; whether there is such a target.

use crate::errors;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::Target;
use model::ApiError;
use model::application_autoscaling::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<ApplicationAutoScaling> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::MODEL;
    type Plan = (String, Vec<String>);

    fn check(input: UntagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((input.resource_arn.unwrap_or_default(), input.tag_keys.unwrap_or_default()))
    }

    fn access<'a>(_: &'a Cx<'_, ApplicationAutoScaling>, (arn, keys): &'a Self::Plan) -> Access<'a> {
        Need::new("application-autoscaling:UntagResource", arn.as_str())
            .tagged(Tags::removed(keys.iter().cloned()))
            .into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (arn, change): Self::Plan,
    ) -> Result<UntagResourceOutput, ApiError> {
        let caller = Caller::of(cx);
        let place = cx.service.place_of(&caller, &arn).await?;
        let set = |known: Option<Target>| {
            let mut target = known.ok_or_else(|| errors::no_resource(&arn))?;
            target.tags.retain(|key, _| !change.contains(key));
            Ok((Some(target), ()))
        };
        cx.service.change_target(&caller, &place, set).await?;
        Ok(UntagResourceOutput {})
    }
}
