//! UpdateAssumeRolePolicy: another policy that says who may assume a role.
//!
//! Order of refusals: the document, the role.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UpdateAssumeRolePolicy, UpdateAssumeRolePolicyInput, UpdateAssumeRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateAssumeRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateAssumeRolePolicyInput> = Validation::MODEL;
    type Plan = UpdateAssumeRolePolicyInput;

    fn check(input: UpdateAssumeRolePolicyInput) -> Result<UpdateAssumeRolePolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateAssumeRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:UpdateAssumeRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: UpdateAssumeRolePolicyInput,
    ) -> Result<UpdateAssumeRolePolicyOutput, ApiError> {
        let trust = text(&input.policy_document);
        rules::trust_document(trust)?;
        service::change(cx, |account| {
            account.role_mut(text(&input.role_name))?.trust = trust.to_owned();
            Ok(UpdateAssumeRolePolicyOutput {})
        })
        .await
    }
}
