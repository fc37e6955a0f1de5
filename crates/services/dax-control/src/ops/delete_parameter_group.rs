//! DeleteParameterGroup: a group that no cluster uses.
//!
//! Order of refusals: the model's constraints; whether it is the default; whether a cluster uses it; whether it is
//! there.

use super::{constraints, on_cluster};
use crate::cluster::{self, Cluster};
use crate::service::DaxControl;
use crate::{errors, event, parameter_group};
use model::ApiError;
use model::dax::{DeleteParameterGroup, DeleteParameterGroupInput, DeleteParameterGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use store::documents::Transaction;

impl Operation<DaxControl> for DeleteParameterGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteParameterGroupInput> = Validation::Own;
    type Plan = String;

    fn check(input: DeleteParameterGroupInput) -> Result<String, ApiError> {
        constraints(&input)?;
        let name = input.parameter_group_name.unwrap_or_default().to_ascii_lowercase();
        if name == parameter_group::DEFAULT { Err(errors::default_parameter_group(&name)) } else { Ok(name) }
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a String) -> Access<'a> {
        on_cluster(cx, "dax:DeleteParameterGroup", None).into()
    }

    async fn run(cx: &Cx<'_, DaxControl>, name: String) -> Result<DeleteParameterGroupOutput, ApiError> {
        let key = parameter_group::key(&cx.caller.account, &cx.caller.region, &name);
        let uses =
            |cluster: &Cluster| cluster.parameter_group == name && cluster.status(cx.now_micros).is_some();
        let delete = |documents: &mut Transaction<'_>, clusters: &[Cluster]| {
            if clusters.iter().any(uses) {
                return Err(errors::parameter_group_in_use(&name));
            }
            parameter_group::check(&name, documents.is_there(0))?;
            documents.delete(0);
            Ok(())
        };
        cx.service.change_over(cx, cluster::KIND, &[key], delete).await?;
        cx.service.tell(cx, event::Of::ParameterGroup, &name, "Parameter group deleted.").await?;
        let deletion_message = Some(format!("Parameter group {name} has been deleted."));
        Ok(DeleteParameterGroupOutput { deletion_message })
    }
}
