//! DeleteSubnetGroup: a group that no cluster uses.
//!
//! Order of refusals: the model's constraints; whether it is the default or a cluster uses it; whether it is there.

use super::{constraints, on_cluster};
use crate::cluster::{self, Cluster};
use crate::service::DaxControl;
use crate::{errors, event, subnet_group};
use model::ApiError;
use model::dax::{DeleteSubnetGroup, DeleteSubnetGroupInput, DeleteSubnetGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use store::documents::Transaction;

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
        let key = subnet_group::key(&cx.caller.account, &cx.caller.region, &name);
        let uses =
            |cluster: &Cluster| cluster.subnet_group == name && cluster.status(cx.now_micros).is_some();
        let delete = |documents: &mut Transaction<'_>, clusters: &[Cluster]| {
            if clusters.iter().any(uses) {
                return Err(errors::subnet_group_in_use(&name));
            }
            subnet_group::check(&name, documents.is_there(0))?;
            documents.delete(0);
            Ok(())
        };
        cx.service.change_over(cx, cluster::KIND, &[key], delete).await?;
        cx.service.tell(cx, event::Of::SubnetGroup, &name, "Subnet group deleted.").await?;
        let deletion_message = Some(format!("Subnet group {name} has been deleted."));
        Ok(DeleteSubnetGroupOutput { deletion_message })
    }
}
