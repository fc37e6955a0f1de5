//! GetPolicyVersion: a version of a managed policy with its document.

use crate::account::Version;
use crate::errors;
use crate::managed::Managed;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetPolicyVersion, GetPolicyVersionInput, GetPolicyVersionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetPolicyVersion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetPolicyVersionInput> = Validation::MODEL;
    type Plan = GetPolicyVersionInput;

    fn check(input: GetPolicyVersionInput) -> Result<GetPolicyVersionInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &GetPolicyVersionInput) -> Access<'static> {
        service::need_arn("iam:GetPolicyVersion", text(&input.policy_arn))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetPolicyVersionInput) -> Result<GetPolicyVersionOutput, ApiError> {
        let account = service::account(cx);
        let (arn, id) = (text(&input.policy_arn), text(&input.version_id));
        let none = || errors::no_version(arn, id);
        if let Some(managed) = Managed::named(arn) {
            let version =
                Version { number: 1, document: managed.document(), created: Managed::CREATED as u64 };
            let version = (id == "v1").then(|| show::version(&version, 1, true));
            return Ok(GetPolicyVersionOutput { policy_version: Some(version.ok_or_else(none)?) });
        }
        let policy = account.policy(arn).ok_or_else(|| errors::no_policy(arn))?;
        let version = show::version(policy.version(id).ok_or_else(none)?, policy.default_version, true);
        Ok(GetPolicyVersionOutput { policy_version: Some(version) })
    }
}
