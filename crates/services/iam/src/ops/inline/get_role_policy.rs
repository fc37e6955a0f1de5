//! GetRolePolicy: an inline policy of a role.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetRolePolicy, GetRolePolicyInput, GetRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetRolePolicyInput> = Validation::MODEL;
    type Plan = GetRolePolicyInput;

    fn check(input: GetRolePolicyInput) -> Result<GetRolePolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:GetRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetRolePolicyInput) -> Result<GetRolePolicyOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Role, text(&input.role_name))?;
        let name = text(&input.policy_name);
        let document = entity.inline.get(name).ok_or_else(|| errors::not_found("role policy", name))?;
        Ok(GetRolePolicyOutput {
            role_name: Some(entity.name.clone()),
            policy_name: Some(name.to_owned()),
            policy_document: Some(show::encoded(document)),
        })
    }
}
