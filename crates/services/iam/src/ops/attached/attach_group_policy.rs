//! AttachGroupPolicy: attaches a managed policy to a group.
//!
//! Order of refusals: the group, the policy, how many are attached.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{AttachGroupPolicy, AttachGroupPolicyInput, AttachGroupPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for AttachGroupPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AttachGroupPolicyInput> = Validation::MODEL;
    type Plan = AttachGroupPolicyInput;

    fn check(input: AttachGroupPolicyInput) -> Result<AttachGroupPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &AttachGroupPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:AttachGroupPolicy", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: AttachGroupPolicyInput,
    ) -> Result<AttachGroupPolicyOutput, ApiError> {
        let arn = text(&input.policy_arn);
        service::change(cx, |account| {
            account.entity(Owner::Group, text(&input.group_name))?;
            rules::attachable(account, arn)?;
            let entity = account.entity_mut(Owner::Group, text(&input.group_name))?;
            rules::attach(entity, Owner::Group.attached_quota(), arn)?;
            Ok(AttachGroupPolicyOutput {})
        })
        .await
    }
}
