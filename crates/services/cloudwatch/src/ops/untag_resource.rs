//! UntagResource: takes tags from an alarm.
//!
//! Order of refusals: the model's constraints, all together; whether there is such an alarm.

use crate::alarms::rule::bare_name;
use crate::alarms::{Alarm, Changed};
use crate::errors;
use crate::service::CloudWatch;
use model::ApiError;
use model::cloudwatch::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::MODEL;
    type Plan = (String, Vec<String>);

    fn check(input: UntagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((input.resource_arn.unwrap_or_default(), input.tag_keys.unwrap_or_default()))
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, (arn, keys): &'a Self::Plan) -> Access<'a> {
        Need::new("cloudwatch:UntagResource", arn.as_str()).tagged(Tags::removed(keys.iter().cloned())).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, (arn, keys): Self::Plan) -> Result<UntagResourceOutput, ApiError> {
        let owner = cx.service.owner(cx);
        let change = |current: Option<Alarm>| {
            let mut alarm =
                current.filter(|alarm| alarm.arn(owner) == arn).ok_or_else(errors::no_resource)?;
            alarm.tags.retain(|key, _| !keys.contains(key));
            Ok::<_, ApiError>((Changed { alarm: Some(alarm), item: None }, ()))
        };
        let name = bare_name(&arn);
        cx.service.alarms.change(owner, &name, cx.now_micros, change).await.map_err(errors::record)??;
        Ok(UntagResourceOutput {})
    }
}
