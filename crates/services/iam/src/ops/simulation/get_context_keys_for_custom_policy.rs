//! GetContextKeysForCustomPolicy: the condition keys that policies ask for.

use crate::rules::text_list;
use crate::service::{self, Iam};
use crate::simulation;
use model::ApiError;
use model::iam::{
    GetContextKeysForCustomPolicy, GetContextKeysForCustomPolicyInput, GetContextKeysForCustomPolicyOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetContextKeysForCustomPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetContextKeysForCustomPolicyInput> = Validation::MODEL;
    type Plan = GetContextKeysForCustomPolicyInput;

    fn check(
        input: GetContextKeysForCustomPolicyInput,
    ) -> Result<GetContextKeysForCustomPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &GetContextKeysForCustomPolicyInput) -> Access<'static> {
        service::need_arn("iam:GetContextKeysForCustomPolicy", "*")
    }

    async fn run(
        _: &Cx<'_, Iam>,
        input: GetContextKeysForCustomPolicyInput,
    ) -> Result<GetContextKeysForCustomPolicyOutput, ApiError> {
        let names = simulation::context_keys(&text_list(&input.policy_input_list))?;
        Ok(GetContextKeysForCustomPolicyOutput { context_key_names: Some(names) })
    }
}
