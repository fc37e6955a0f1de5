//! CreateSubnetGroup: a name for subnets.
//!
//! Order of refusals: the model's constraints; the name; the subnets; whether the name is free; how many groups there
//! are.

use super::{checked_group_name, constraints, on_cluster};
use crate::service::DaxControl;
use crate::subnet_group::{self, GROUPS_MAX, SubnetGroup, check_subnets};
use crate::{errors, event};
use model::ApiError;
use model::dax::{CreateSubnetGroup, CreateSubnetGroupInput, CreateSubnetGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use store::documents::Transaction;

impl Operation<DaxControl> for CreateSubnetGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateSubnetGroupInput> = Validation::Own;
    type Plan = SubnetGroup;

    fn check(input: CreateSubnetGroupInput) -> Result<SubnetGroup, ApiError> {
        constraints(&input)?;
        let name = checked_group_name(input.subnet_group_name, "SubnetGroupName")?;
        let subnets = input.subnet_ids.unwrap_or_default();
        check_subnets(&subnets)?;
        Ok(SubnetGroup { name, description: input.description, subnets })
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a SubnetGroup) -> Access<'a> {
        on_cluster(cx, "dax:CreateSubnetGroup", None).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, group: SubnetGroup) -> Result<CreateSubnetGroupOutput, ApiError> {
        let key = subnet_group::key(&cx.caller.account, &cx.caller.region, &group.name);
        let create = |documents: &mut Transaction<'_>, all: &[SubnetGroup]| {
            if documents.is_there(0) || group.name == subnet_group::DEFAULT {
                return Err(errors::subnet_group_exists(&group.name));
            }
            if all.len() >= GROUPS_MAX {
                return Err(errors::too_many_subnet_groups(GROUPS_MAX));
            }
            documents.put(0, &group);
            Ok(())
        };
        cx.service.change_over(cx, subnet_group::KIND, &[key], create).await?;
        cx.service.tell(cx, event::Of::SubnetGroup, &group.name, "Subnet group created.").await?;
        Ok(CreateSubnetGroupOutput { subnet_group: Some(group.shown(&cx.caller.region)) })
    }
}
