//! UpdateRoleDescription: another description for a role.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{UpdateRoleDescription, UpdateRoleDescriptionInput, UpdateRoleDescriptionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateRoleDescription {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateRoleDescriptionInput> = Validation::MODEL;
    type Plan = UpdateRoleDescriptionInput;

    fn check(input: UpdateRoleDescriptionInput) -> Result<UpdateRoleDescriptionInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateRoleDescriptionInput) -> Access<'static> {
        service::need_entity(cx, "iam:UpdateRoleDescription", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: UpdateRoleDescriptionInput,
    ) -> Result<UpdateRoleDescriptionOutput, ApiError> {
        let role = service::change(cx, |account| {
            let role = account.role_mut(text(&input.role_name))?;
            role.description = input.description.clone();
            Ok(role.clone())
        });
        Ok(UpdateRoleDescriptionOutput { role: Some(show::role_listed(&role.await?, &cx.caller.account)) })
    }
}
