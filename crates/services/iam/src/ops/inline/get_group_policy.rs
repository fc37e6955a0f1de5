//! GetGroupPolicy: an inline policy of a group.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetGroupPolicy, GetGroupPolicyInput, GetGroupPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetGroupPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetGroupPolicyInput> = Validation::MODEL;
    type Plan = GetGroupPolicyInput;

    fn check(input: GetGroupPolicyInput) -> Result<GetGroupPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetGroupPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:GetGroupPolicy", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetGroupPolicyInput) -> Result<GetGroupPolicyOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Group, text(&input.group_name))?;
        let name = text(&input.policy_name);
        let document = entity.inline.get(name).ok_or_else(|| errors::not_found("group policy", name))?;
        Ok(GetGroupPolicyOutput {
            group_name: Some(entity.name.clone()),
            policy_name: Some(name.to_owned()),
            policy_document: Some(show::encoded(document)),
        })
    }
}
