//! DeleteGroupPolicy: deletes an inline policy of a group.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteGroupPolicy, DeleteGroupPolicyInput, DeleteGroupPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteGroupPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteGroupPolicyInput> = Validation::MODEL;
    type Plan = DeleteGroupPolicyInput;

    fn check(input: DeleteGroupPolicyInput) -> Result<DeleteGroupPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteGroupPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteGroupPolicy", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeleteGroupPolicyInput,
    ) -> Result<DeleteGroupPolicyOutput, ApiError> {
        let name = text(&input.policy_name);
        service::change_entity(cx, Owner::Group, text(&input.group_name), |entity| {
            match entity.inline.remove(name) {
                Some(_) => Ok(DeleteGroupPolicyOutput {}),
                None => Err(errors::not_found("group policy", name)),
            }
        })
        .await
    }
}
