//! DeleteParameterGroup: a group that no cluster uses.
//!
//! Order of refusals: the model's constraints; whether it is the default; whether a cluster uses it; whether it is
//! there.

use super::{constraints, on_cluster};
use crate::parameter_group::{self, ParameterGroup};
use crate::service::DaxControl;
use crate::{errors, event};
use model::ApiError;
use model::dax::{DeleteParameterGroup, DeleteParameterGroupInput, DeleteParameterGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

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
        if cx.service.clusters(cx).await?.iter().any(|cluster| cluster.parameter_group == name) {
            return Err(errors::parameter_group_in_use(&name));
        }
        let key = parameter_group::key(&cx.caller.account, &cx.caller.region, &name);
        let delete = |old: Option<ParameterGroup>| match old {
            Some(_) => Ok((None, ())),
            None => Err(errors::no_parameter_group(&name)),
        };
        cx.service.change(&key, delete).await?;
        cx.service.tell(cx, event::Of::ParameterGroup, &name, "Parameter group deleted.").await?;
        let deletion_message = Some(format!("Parameter group {name} has been deleted."));
        Ok(DeleteParameterGroupOutput { deletion_message })
    }
}
