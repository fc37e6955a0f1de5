//! TagResource: adds tags to a cluster, or changes them.
//!
//! Order of refusals: the model's constraints; the tags; the ARN; whether the cluster is there; how many tags it has
//! then.

use super::{constraints, name_of};
use crate::cluster::Cluster;
use crate::service::DaxControl;
use crate::tags;
use model::ApiError;
use model::dax::{TagResource, TagResourceInput, TagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::BTreeMap;

impl Operation<DaxControl> for TagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagResourceInput> = Validation::Own;
    type Plan = (String, BTreeMap<String, String>);

    fn check(input: TagResourceInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        Ok((input.resource_name.unwrap_or_default(), tags::checked(input.tags)?))
    }

    fn access<'a>(_: &'a Cx<'_, DaxControl>, (arn, tags): &'a Self::Plan) -> Access<'a> {
        Need::new("dax:TagResource", arn.as_str()).tagged(Tags::set(tags.clone())).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, (arn, added): Self::Plan) -> Result<TagResourceOutput, ApiError> {
        let add = |cluster: &mut Cluster| {
            cluster.tags.extend(added.clone());
            tags::check_count(&cluster.tags)
        };
        let cluster = cx.service.change_tags(cx, &name_of(cx, &arn)?, add).await?;
        Ok(TagResourceOutput { tags: Some(tags::shown(&cluster.tags)) })
    }
}
