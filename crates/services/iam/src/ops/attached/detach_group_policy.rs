//! DetachGroupPolicy: detaches a managed policy from a group.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DetachGroupPolicy, DetachGroupPolicyInput, DetachGroupPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DetachGroupPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DetachGroupPolicyInput> = Validation::MODEL;
    type Plan = DetachGroupPolicyInput;

    fn check(input: DetachGroupPolicyInput) -> Result<DetachGroupPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DetachGroupPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:DetachGroupPolicy", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DetachGroupPolicyInput,
    ) -> Result<DetachGroupPolicyOutput, ApiError> {
        service::change_entity(cx, Owner::Group, text(&input.group_name), |entity| {
            rules::detach(entity, text(&input.policy_arn))?;
            Ok(DetachGroupPolicyOutput {})
        })
        .await
    }
}
