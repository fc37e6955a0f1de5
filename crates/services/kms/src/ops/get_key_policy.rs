//! GetKeyPolicy: who may do what with a key.

use super::put_key_policy::POLICY_NAME;
use crate::authorize::Asked;
use crate::errors;
use crate::service::Kms;
use model::ApiError;
use model::kms::{GetKeyPolicy, GetKeyPolicyInput, GetKeyPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for GetKeyPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetKeyPolicyInput> = Validation::MODEL;
    type Plan = GetKeyPolicyInput;

    fn check(input: GetKeyPolicyInput) -> Result<GetKeyPolicyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a GetKeyPolicyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: GetKeyPolicyInput) -> Result<GetKeyPolicyOutput, ApiError> {
        let asked = Asked::new("kms:GetKeyPolicy", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
        let name = plan.policy_name.as_deref().unwrap_or(POLICY_NAME);
        if name != POLICY_NAME {
            return Err(errors::no_policy());
        }
        Ok(GetKeyPolicyOutput { policy: Some(key.policy), policy_name: Some(name.to_owned()) })
    }
}
