//! UpdateSubnetGroup: another description, or other subnets.
//!
//! Order of refusals: the model's constraints; the subnets; whether the group is there.

use super::{constraints, on_cluster};
use crate::service::DaxControl;
use crate::subnet_group::{self, SubnetGroup, check_subnets};
use crate::{errors, event};
use model::ApiError;
use model::dax::{UpdateSubnetGroup, UpdateSubnetGroupInput, UpdateSubnetGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for UpdateSubnetGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateSubnetGroupInput> = Validation::Own;
    type Plan = (String, UpdateSubnetGroupInput);

    fn check(input: UpdateSubnetGroupInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        input.subnet_ids.as_deref().map_or(Ok(()), check_subnets)?;
        Ok((input.subnet_group_name.as_deref().unwrap_or_default().to_ascii_lowercase(), input))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:UpdateSubnetGroup", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (name, input): Self::Plan,
    ) -> Result<UpdateSubnetGroupOutput, ApiError> {
        let key = subnet_group::key(&cx.caller.account, &cx.caller.region, &name);
        let update = |old: Option<SubnetGroup>| {
            let mut group = old.ok_or_else(|| errors::no_subnet_group(&name))?;
            group.description = input.description.clone().or(group.description);
            group.subnets = input.subnet_ids.clone().unwrap_or(group.subnets);
            Ok((Some(group.clone()), group))
        };
        let group = cx.service.change(&key, update).await?;
        cx.service.tell(cx, event::Of::SubnetGroup, &name, "Subnet group modified.").await?;
        Ok(UpdateSubnetGroupOutput { subnet_group: Some(group.shown(&cx.caller.region)) })
    }
}
