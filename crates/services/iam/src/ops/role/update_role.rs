//! UpdateRole: another description or length of sessions for a role.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UpdateRole, UpdateRoleInput, UpdateRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateRoleInput> = Validation::MODEL;
    type Plan = UpdateRoleInput;

    fn check(input: UpdateRoleInput) -> Result<UpdateRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:UpdateRole", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UpdateRoleInput) -> Result<UpdateRoleOutput, ApiError> {
        service::change(cx, |account| {
            let role = account.role_mut(text(&input.role_name))?;
            if input.description.is_some() {
                role.description = input.description.clone();
            }
            role.session_seconds_max =
                input.max_session_duration.map_or(role.session_seconds_max, |most| most as u64);
            Ok(UpdateRoleOutput {})
        })
        .await
    }
}
