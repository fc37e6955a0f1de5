//! DetachRolePolicy: detaches a managed policy from a role.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DetachRolePolicy, DetachRolePolicyInput, DetachRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DetachRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DetachRolePolicyInput> = Validation::MODEL;
    type Plan = DetachRolePolicyInput;

    fn check(input: DetachRolePolicyInput) -> Result<DetachRolePolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DetachRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DetachRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DetachRolePolicyInput) -> Result<DetachRolePolicyOutput, ApiError> {
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            rules::detach(entity, text(&input.policy_arn))?;
            Ok(DetachRolePolicyOutput {})
        })
        .await
    }
}
