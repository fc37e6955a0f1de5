//! ListTagsForResource: the tags of an alarm.
//!
//! Order of refusals: the model's constraints, all together; whether there is such an alarm.

use crate::alarms::rule::bare_name;
use crate::errors;
use crate::service::CloudWatch;
use crate::tags;
use model::ApiError;
use model::cloudwatch::{ListTagsForResource, ListTagsForResourceInput, ListTagsForResourceOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<CloudWatch> for ListTagsForResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListTagsForResourceInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: ListTagsForResourceInput) -> Result<String, ApiError> {
        Ok(input.resource_arn.unwrap_or_default())
    }

    fn access<'a>(_: &'a Cx<'_, CloudWatch>, arn: &'a String) -> Access<'a> {
        Need::new("cloudwatch:ListTagsForResource", arn.as_str()).into()
    }

    async fn run(cx: &Cx<'_, CloudWatch>, arn: String) -> Result<ListTagsForResourceOutput, ApiError> {
        let owner = cx.service.owner(cx);
        let alarm = cx.service.alarms.get(owner, &bare_name(&arn)).await.map_err(errors::record)?;
        let alarm = alarm.filter(|alarm| alarm.arn(owner) == arn).ok_or_else(errors::no_resource)?;
        Ok(ListTagsForResourceOutput { tags: Some(tags::shown(&alarm.tags)) })
    }
}
