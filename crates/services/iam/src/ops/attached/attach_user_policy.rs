//! AttachUserPolicy: attaches a managed policy to a user.
//!
//! Order of refusals: the user, the policy, how many are attached.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{AttachUserPolicy, AttachUserPolicyInput, AttachUserPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for AttachUserPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AttachUserPolicyInput> = Validation::MODEL;
    type Plan = AttachUserPolicyInput;

    fn check(input: AttachUserPolicyInput) -> Result<AttachUserPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &AttachUserPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:AttachUserPolicy", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: AttachUserPolicyInput) -> Result<AttachUserPolicyOutput, ApiError> {
        let arn = text(&input.policy_arn);
        service::change(cx, |account| {
            account.entity(Owner::User, text(&input.user_name))?;
            rules::attachable(account, arn)?;
            let entity = account.entity_mut(Owner::User, text(&input.user_name))?;
            rules::attach(entity, Owner::User.attached_quota(), arn)?;
            Ok(AttachUserPolicyOutput {})
        })
        .await
    }
}
