//! GetUserPolicy: an inline policy of a user.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetUserPolicy, GetUserPolicyInput, GetUserPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetUserPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetUserPolicyInput> = Validation::MODEL;
    type Plan = GetUserPolicyInput;

    fn check(input: GetUserPolicyInput) -> Result<GetUserPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetUserPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:GetUserPolicy", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetUserPolicyInput) -> Result<GetUserPolicyOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::User, text(&input.user_name))?;
        let name = text(&input.policy_name);
        let document = entity.inline.get(name).ok_or_else(|| errors::not_found("user policy", name))?;
        Ok(GetUserPolicyOutput {
            user_name: Some(entity.name.clone()),
            policy_name: Some(name.to_owned()),
            policy_document: Some(show::encoded(document)),
        })
    }
}
