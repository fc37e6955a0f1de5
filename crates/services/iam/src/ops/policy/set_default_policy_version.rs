//! SetDefaultPolicyVersion: which version of a managed policy counts.

use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{SetDefaultPolicyVersion, SetDefaultPolicyVersionInput, SetDefaultPolicyVersionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for SetDefaultPolicyVersion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SetDefaultPolicyVersionInput> = Validation::MODEL;
    type Plan = SetDefaultPolicyVersionInput;

    fn check(input: SetDefaultPolicyVersionInput) -> Result<SetDefaultPolicyVersionInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &SetDefaultPolicyVersionInput) -> Access<'static> {
        service::need_arn("iam:SetDefaultPolicyVersion", text(&input.policy_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: SetDefaultPolicyVersionInput,
    ) -> Result<SetDefaultPolicyVersionOutput, ApiError> {
        let (arn, id) = (text(&input.policy_arn), text(&input.version_id));
        service::change(cx, |account| {
            let policy = account.policy_mut(arn)?;
            policy.default_version = policy.version(id).ok_or_else(|| errors::no_version(arn, id))?.number;
            Ok(SetDefaultPolicyVersionOutput {})
        })
        .await
    }
}
