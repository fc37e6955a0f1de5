//! GetRole: one role.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetRole, GetRoleInput, GetRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetRoleInput> = Validation::MODEL;
    type Plan = GetRoleInput;

    fn check(input: GetRoleInput) -> Result<GetRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:GetRole", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetRoleInput) -> Result<GetRoleOutput, ApiError> {
        let account = service::account(cx);
        let role = account.role(text(&input.role_name))?;
        Ok(GetRoleOutput { role: Some(show::role(role, &cx.caller.account)) })
    }
}
