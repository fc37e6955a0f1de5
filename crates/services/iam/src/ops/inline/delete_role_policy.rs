//! DeleteRolePolicy: deletes an inline policy of a role.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteRolePolicy, DeleteRolePolicyInput, DeleteRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteRolePolicyInput> = Validation::MODEL;
    type Plan = DeleteRolePolicyInput;

    fn check(input: DeleteRolePolicyInput) -> Result<DeleteRolePolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteRolePolicyInput) -> Result<DeleteRolePolicyOutput, ApiError> {
        let name = text(&input.policy_name);
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            match entity.inline.remove(name) {
                Some(_) => Ok(DeleteRolePolicyOutput {}),
                None => Err(errors::not_found("role policy", name)),
            }
        })
        .await
    }
}
