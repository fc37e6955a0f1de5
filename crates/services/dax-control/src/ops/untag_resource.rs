//! UntagResource: takes tags from a cluster.
//!
//! Order of refusals: the model's constraints; the ARN; whether the cluster is there; whether it has the tags.

use super::{constraints, name_of};
use crate::cluster::Cluster;
use crate::service::DaxControl;
use crate::{errors, tags};
use model::ApiError;
use model::dax::{UntagResource, UntagResourceInput, UntagResourceOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<DaxControl> for UntagResource {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagResourceInput> = Validation::Own;
    type Plan = (String, Vec<String>);

    fn check(input: UntagResourceInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        Ok((input.resource_name.unwrap_or_default(), input.tag_keys.unwrap_or_default()))
    }

    fn access<'a>(_: &'a Cx<'_, DaxControl>, (arn, keys): &'a Self::Plan) -> Access<'a> {
        Need::new("dax:UntagResource", arn.as_str()).tagged(Tags::removed(keys.iter().cloned())).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, (arn, keys): Self::Plan) -> Result<UntagResourceOutput, ApiError> {
        let remove = |cluster: &mut Cluster| {
            if keys.iter().any(|key| !cluster.tags.contains_key(key)) {
                return Err(errors::no_tag());
            }
            cluster.tags.retain(|key, _| !keys.contains(key));
            Ok(())
        };
        let cluster = cx.service.change_tags(cx, &name_of(cx, &arn)?, remove).await?;
        Ok(UntagResourceOutput { tags: Some(tags::shown(&cluster.tags)) })
    }
}
