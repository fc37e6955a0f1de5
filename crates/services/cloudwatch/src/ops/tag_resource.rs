//! TagResource: adds tags to an alarm, or changes them.
//!
//! Order of refusals: the model's constraints, all together; whether there is such an alarm; how many tags it has then.

use crate::alarms::rule::bare_name;
use crate::alarms::{Alarm, Changed};
use crate::errors;
use crate::service::CloudWatch;
use crate::tags::{self, TAGS_MAX};
use model::ApiError;
use model::cloudwatch::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation, access};
use std::collections::BTreeMap;

impl Operation<CloudWatch> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::MODEL;
    type Plan = (String, BTreeMap<String, String>);

    fn check(input: TagResourceInput) -> Result<Self::Plan, ApiError> {
        Ok((input.resource_arn.unwrap_or_default(), tags::read(input.tags.unwrap_or_default())?))
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, (arn, tags): &'a Self::Plan) -> Access<'a> {
        Need::new("cloudwatch:TagResource", arn.as_str()).tagged(access::Tags::set(tags.clone())).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, (arn, tags): Self::Plan) -> Result<TagResourceOutput, ApiError> {
        let owner = cx.service.owner(cx);
        let change = |current: Option<Alarm>| {
            let mut alarm =
                current.filter(|alarm| alarm.arn(owner) == arn).ok_or_else(errors::no_resource)?;
            alarm.tags.extend(tags.clone());
            if alarm.tags.len() > TAGS_MAX {
                return Err(errors::too_many("Tags", TAGS_MAX));
            }
            Ok((Changed { alarm: Some(alarm), item: None }, ()))
        };
        let name = bare_name(&arn);
        cx.service.alarms.change(owner, &name, cx.now_micros, change).await.map_err(errors::record)??;
        Ok(TagResourceOutput {})
    }
}
