//! DeleteSubnetGroup: a group that no cluster uses.
//!
//! Order of refusals: the model's constraints; whether it is the default or a cluster uses it; whether it is there.

use super::{constraints, on_cluster};
use crate::service::DaxControl;
use crate::subnet_group::{self, SubnetGroup};
use crate::{errors, event};
use model::ApiError;
use model::dax::{DeleteSubnetGroup, DeleteSubnetGroupInput, DeleteSubnetGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for DeleteSubnetGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteSubnetGroupInput> = Validation::Own;
    type Plan = String;

    fn check(input: DeleteSubnetGroupInput) -> Result<String, ApiError> {
        constraints(&input)?;
        let name = input.subnet_group_name.unwrap_or_default().to_ascii_lowercase();
        if name == subnet_group::DEFAULT { Err(errors::subnet_group_in_use(&name)) } else { Ok(name) }
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a String) -> Access<'a> {
        on_cluster(cx, "dax:DeleteSubnetGroup", None).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, name: String) -> Result<DeleteSubnetGroupOutput, ApiError> {
        if cx.service.clusters(cx).await?.iter().any(|cluster| cluster.subnet_group == name) {
            return Err(errors::subnet_group_in_use(&name));
        }
        let key = subnet_group::key(&cx.caller.account, &cx.caller.region, &name);
        let delete = |old: Option<SubnetGroup>| match old {
            Some(_) => Ok((None, ())),
            None => Err(errors::no_subnet_group(&name)),
        };
        cx.service.change(&key, delete).await?;
        cx.service.tell(cx, event::Of::SubnetGroup, &name, "Subnet group deleted.").await?;
        let deletion_message = Some(format!("Subnet group {name} has been deleted."));
        Ok(DeleteSubnetGroupOutput { deletion_message })
    }
}
