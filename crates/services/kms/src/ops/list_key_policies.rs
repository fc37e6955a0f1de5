//! ListKeyPolicies: a key has one.

use super::put_key_policy::POLICY_NAME;
use crate::authorize::Asked;
use crate::service::Kms;
use model::ApiError;
use model::kms::{ListKeyPolicies, ListKeyPoliciesInput, ListKeyPoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for ListKeyPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListKeyPoliciesInput> = Validation::MODEL;
    type Plan = ListKeyPoliciesInput;

    fn check(input: ListKeyPoliciesInput) -> Result<ListKeyPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ListKeyPoliciesInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListKeyPoliciesInput) -> Result<ListKeyPoliciesOutput, ApiError> {
        let asked = Asked::new("kms:ListKeyPolicies", plan.key_id.as_deref().unwrap_or_default());
        cx.service.keys.permitted_id(cx, asked).await?;
        Ok(ListKeyPoliciesOutput {
            policy_names: Some(vec![POLICY_NAME.to_owned()]),
            next_marker: None,
            truncated: Some(false),
        })
    }
}
