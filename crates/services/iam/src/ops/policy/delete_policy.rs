//! DeletePolicy: a managed policy that is not attached and has one version.
//!
//! Order of refusals: the policy, attachments, versions.

use crate::account::folded;
use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeletePolicy, DeletePolicyInput, DeletePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeletePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeletePolicyInput> = Validation::MODEL;
    type Plan = DeletePolicyInput;

    fn check(input: DeletePolicyInput) -> Result<DeletePolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &DeletePolicyInput) -> Access<'static> {
        service::need_arn("iam:DeletePolicy", text(&input.policy_arn))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeletePolicyInput) -> Result<DeletePolicyOutput, ApiError> {
        let arn = text(&input.policy_arn);
        service::change(cx, |account| {
            let policy = account.policy(arn).ok_or_else(|| errors::no_policy(arn))?;
            if account.uses(arn) != (0, 0) {
                return Err(errors::attached());
            }
            if policy.versions.len() > 1 {
                return Err(errors::has_versions());
            }
            let key = folded(&policy.name);
            account.policies.remove(&key);
            Ok(DeletePolicyOutput {})
        })
        .await
    }
}
