//! DeleteUserPolicy: deletes an inline policy of a user.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteUserPolicy, DeleteUserPolicyInput, DeleteUserPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteUserPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteUserPolicyInput> = Validation::MODEL;
    type Plan = DeleteUserPolicyInput;

    fn check(input: DeleteUserPolicyInput) -> Result<DeleteUserPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteUserPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteUserPolicy", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteUserPolicyInput) -> Result<DeleteUserPolicyOutput, ApiError> {
        let name = text(&input.policy_name);
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            match entity.inline.remove(name) {
                Some(_) => Ok(DeleteUserPolicyOutput {}),
                None => Err(errors::not_found("user policy", name)),
            }
        })
        .await
    }
}
