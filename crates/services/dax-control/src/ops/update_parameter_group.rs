//! UpdateParameterGroup: other times for what is cached. They hold for what is read from then on.
//!
//! Order of refusals: the model's constraints; whether it is the default; whether the group is there; the parameters.

use super::{constraints, on_cluster};
use crate::parameter_group::{self, ParameterGroup};
use crate::service::DaxControl;
use crate::{errors, event};
use model::ApiError;
use model::dax::{
    ParameterNameValue, UpdateParameterGroup, UpdateParameterGroupInput, UpdateParameterGroupOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DaxControl> for UpdateParameterGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateParameterGroupInput> = Validation::Own;
    type Plan = (String, Vec<ParameterNameValue>);

    fn check(input: UpdateParameterGroupInput) -> Result<Self::Plan, ApiError> {
        constraints(&input)?;
        let name = input.parameter_group_name.unwrap_or_default().to_ascii_lowercase();
        if name == parameter_group::DEFAULT {
            return Err(errors::default_parameter_group(&name));
        }
        Ok((name, input.parameter_name_values.unwrap_or_default()))
    }

    fn access<'a>(cx: &'a Cx<'_, DaxControl>, _: &'a Self::Plan) -> Access<'a> {
        on_cluster(cx, "dax:UpdateParameterGroup", None).into()
    }

    async fn run(
        cx: &Cx<'_, DaxControl>,
        (name, values): Self::Plan,
    ) -> Result<UpdateParameterGroupOutput, ApiError> {
        let key = parameter_group::key(&cx.caller.account, &cx.caller.region, &name);
        let update = |old: Option<ParameterGroup>| {
            let mut group = old.ok_or_else(|| errors::no_parameter_group(&name))?;
            for ParameterNameValue { parameter_name, parameter_value } in &values {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                group.set(&text(parameter_name), &text(parameter_value))?;
            }
            Ok((Some(group.clone()), group))
        };
        let group = cx.service.change(&key, update).await?;
        cx.service.tell(cx, event::Of::ParameterGroup, &name, "Parameter group modified.").await?;
        Ok(UpdateParameterGroupOutput { parameter_group: Some(group.shown()) })
    }
}
