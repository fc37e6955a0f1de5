//! GetContextKeysForPrincipalPolicy: the condition keys that the policies of a user, a group or a role ask for.

use crate::rules::{text, text_list};
use crate::service::{self, Iam};
use crate::simulation;
use model::ApiError;
use model::iam::{
    GetContextKeysForPrincipalPolicy, GetContextKeysForPrincipalPolicyInput,
    GetContextKeysForPrincipalPolicyOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetContextKeysForPrincipalPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetContextKeysForPrincipalPolicyInput> = Validation::MODEL;
    type Plan = GetContextKeysForPrincipalPolicyInput;

    fn check(
        input: GetContextKeysForPrincipalPolicyInput,
    ) -> Result<GetContextKeysForPrincipalPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &GetContextKeysForPrincipalPolicyInput) -> Access<'static> {
        service::need_arn("iam:GetContextKeysForPrincipalPolicy", text(&input.policy_source_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: GetContextKeysForPrincipalPolicyInput,
    ) -> Result<GetContextKeysForPrincipalPolicyOutput, ApiError> {
        let account = service::account(cx);
        let grants = simulation::principal(&account, text(&input.policy_source_arn), &[], &None)?;
        let mut names = simulation::keys_of(&grants);
        names.extend(simulation::context_keys(&text_list(&input.policy_input_list))?);
        names.sort();
        names.dedup();
        Ok(GetContextKeysForPrincipalPolicyOutput { context_key_names: Some(names) })
    }
}
