//! GetPolicy: one managed policy, of the account or of AWS.

use crate::errors;
use crate::managed::Managed;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetPolicy, GetPolicyInput, GetPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetPolicyInput> = Validation::MODEL;
    type Plan = GetPolicyInput;

    fn check(input: GetPolicyInput) -> Result<GetPolicyInput, ApiError> {
        rules::policy_arn(text(&input.policy_arn))?;
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &GetPolicyInput) -> Access<'static> {
        service::need_arn("iam:GetPolicy", text(&input.policy_arn))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetPolicyInput) -> Result<GetPolicyOutput, ApiError> {
        let (account, arn) = (service::account(cx), text(&input.policy_arn));
        if let Some(managed) = Managed::named(arn) {
            return Ok(GetPolicyOutput { policy: Some(show::aws_policy(managed, &account)) });
        }
        let policy = account.policy(arn).ok_or_else(|| errors::no_policy(arn))?;
        Ok(GetPolicyOutput { policy: Some(show::policy(policy, &account, &cx.caller.account)) })
    }
}
