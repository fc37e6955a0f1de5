//! DeletePolicyVersion: a version of a managed policy that is not the default one.

use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeletePolicyVersion, DeletePolicyVersionInput, DeletePolicyVersionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeletePolicyVersion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeletePolicyVersionInput> = Validation::MODEL;
    type Plan = DeletePolicyVersionInput;

    fn check(input: DeletePolicyVersionInput) -> Result<DeletePolicyVersionInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &DeletePolicyVersionInput) -> Access<'static> {
        service::need_arn("iam:DeletePolicyVersion", text(&input.policy_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeletePolicyVersionInput,
    ) -> Result<DeletePolicyVersionOutput, ApiError> {
        let (arn, id) = (text(&input.policy_arn), text(&input.version_id));
        service::change(cx, |account| {
            let policy = account.policy_mut(arn)?;
            let number = policy.version(id).ok_or_else(|| errors::no_version(arn, id))?.number;
            if number == policy.default_version {
                return Err(errors::default_version());
            }
            policy.versions.retain(|version| version.number != number);
            Ok(DeletePolicyVersionOutput {})
        })
        .await
    }
}
