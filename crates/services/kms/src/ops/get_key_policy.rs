//! GetKeyPolicy: who may do what with a key.

use super::put_key_policy::POLICY_NAME;
use crate::errors;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{GetKeyPolicy, GetKeyPolicyInput, GetKeyPolicyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for GetKeyPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetKeyPolicyInput> = Validation::MODEL;
    type Plan = GetKeyPolicyInput;

    fn check(input: GetKeyPolicyInput) -> Result<GetKeyPolicyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a GetKeyPolicyInput) -> Access<'a> {
        Need::new(
            "kms:GetKeyPolicy",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: GetKeyPolicyInput) -> Result<GetKeyPolicyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let key = cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        let name = plan.policy_name.as_deref().unwrap_or(POLICY_NAME);
        if name != POLICY_NAME {
            return Err(errors::no_policy());
        }
        Ok(GetKeyPolicyOutput { policy: Some(key.policy), policy_name: Some(name.to_owned()) })
    }
}
