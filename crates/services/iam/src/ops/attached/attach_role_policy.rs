//! AttachRolePolicy: attaches a managed policy to a role.
//!
//! Order of refusals: the role, the policy, how many are attached.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{AttachRolePolicy, AttachRolePolicyInput, AttachRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for AttachRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AttachRolePolicyInput> = Validation::MODEL;
    type Plan = AttachRolePolicyInput;

    fn check(input: AttachRolePolicyInput) -> Result<AttachRolePolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &AttachRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:AttachRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: AttachRolePolicyInput) -> Result<AttachRolePolicyOutput, ApiError> {
        let arn = text(&input.policy_arn);
        service::change(cx, |account| {
            account.entity(Owner::Role, text(&input.role_name))?;
            rules::attachable(account, arn)?;
            let entity = account.entity_mut(Owner::Role, text(&input.role_name))?;
            rules::attach(entity, Owner::Role.attached_quota(), arn)?;
            Ok(AttachRolePolicyOutput {})
        })
        .await
    }
}
