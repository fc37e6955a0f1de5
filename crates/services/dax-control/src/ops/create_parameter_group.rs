//! CreateParameterGroup: a group with the defaults.
//!
//! Order of refusals: the model's constraints; the name; whether it is free; how many groups there are.

use super::{checked_group_name, constraints, on_cluster};
use crate::parameter_group::{self, GROUPS_MAX, ParameterGroup};
use crate::service::DaxControl;
use crate::{errors, event};
use model::ApiError;
use model::dax::{CreateParameterGroup, CreateParameterGroupInput, CreateParameterGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use store::documents::Transaction;

impl Operation<DaxControl> for CreateParameterGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateParameterGroupInput> = Validation::Own;
    type Plan = ParameterGroup;

    fn check(input: CreateParameterGroupInput) -> Result<ParameterGroup, ApiError> {
        constraints(&input)?;
        let name = checked_group_name(input.parameter_group_name, "ParameterGroupName")?;
        Ok(ParameterGroup::new(name, input.description))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a ParameterGroup) -> Access<'a> {
        on_cluster(cx, "dax:CreateParameterGroup", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        group: ParameterGroup,
    ) -> Result<CreateParameterGroupOutput, ApiError> {
        let key = parameter_group::key(&cx.caller.account, &cx.caller.region, &group.name);
        let create = |documents: &mut Transaction<'_>, all: &[ParameterGroup]| {
            if documents.is_there(0) || group.name == parameter_group::DEFAULT {
                return Err(errors::parameter_group_exists(&group.name));
            }
            if all.len() >= GROUPS_MAX {
                return Err(errors::too_many_parameter_groups(GROUPS_MAX));
            }
            documents.put(0, &group);
            Ok(())
        };
        cx.service.change_over(cx, parameter_group::KIND, &[key], create).await?;
        cx.service.tell(cx, event::Of::ParameterGroup, &group.name, "Parameter group created.").await?;
        Ok(CreateParameterGroupOutput { parameter_group: Some(group.shown()) })
    }
}
