//! ListKeyPolicies: a key has one.

use super::put_key_policy::POLICY_NAME;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{ListKeyPolicies, ListKeyPoliciesInput, ListKeyPoliciesOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for ListKeyPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListKeyPoliciesInput> = Validation::MODEL;
    type Plan = ListKeyPoliciesInput;

    fn check(input: ListKeyPoliciesInput) -> Result<ListKeyPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ListKeyPoliciesInput) -> Access<'a> {
        Need::new(
            "kms:ListKeyPolicies",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListKeyPoliciesInput) -> Result<ListKeyPoliciesOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        Ok(ListKeyPoliciesOutput {
            policy_names: Some(vec![POLICY_NAME.to_owned()]),
            next_marker: None,
            truncated: Some(false),
        })
    }
}
