//! TagResource: adds tags to a target, or changes them.
//!
//! Order of refusals: the model's constraints, all together; whether there is such a target; how many tags it has
//! then.

use crate::errors;
use crate::ops::register_scalable_target::TAGS_MAX;
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::Target;
use model::ApiError;
use model::application_autoscaling::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::BTreeMap;

impl Operation<ApplicationAutoScaling> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = (String, BTreeMap<String, String>);

    fn check(input: TagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((input.resource_arn.unwrap_or_default(), input.tags.unwrap_or_default()))
    }

    fn access<'a>(_: &'a Cx<'_, ApplicationAutoScaling>, (arn, tags): &'a Self::Plan) -> Access<'a> {
        Need::new("application-autoscaling:TagResource", arn.as_str()).tagged(Tags::set(tags.clone())).into()
    }

    async fn run(
        cx: &Cx<'_, ApplicationAutoScaling>,
        (arn, change): Self::Plan,
    ) -> Result<TagResourceOutput, ApiError> {
        let caller = Caller::of(cx);
        let place = cx.service.place_of(&caller, &arn).await?;
        let set = |known: Option<Target>| {
            let mut target = known.ok_or_else(|| errors::no_resource(&arn))?;
            target.tags.extend(change.clone());
            if target.tags.len() > TAGS_MAX {
                return Err(errors::too_many_tags(TAGS_MAX));
            }
            Ok((Some(target), ()))
        };
        cx.service.change_target(&caller, &place, set).await?;
        Ok(TagResourceOutput {})
    }
}
