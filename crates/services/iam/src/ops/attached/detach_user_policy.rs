//! DetachUserPolicy: detaches a managed policy from a user.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DetachUserPolicy, DetachUserPolicyInput, DetachUserPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DetachUserPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DetachUserPolicyInput> = Validation::MODEL;
    type Plan = DetachUserPolicyInput;

    fn check(input: DetachUserPolicyInput) -> Result<DetachUserPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DetachUserPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DetachUserPolicy", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DetachUserPolicyInput) -> Result<DetachUserPolicyOutput, ApiError> {
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            rules::detach(entity, text(&input.policy_arn))?;
            Ok(DetachUserPolicyOutput {})
        })
        .await
    }
}
