//! DisableKeyRotation: the material stays as it is.

use crate::key::Key;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DisableKeyRotation, DisableKeyRotationInput, DisableKeyRotationOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for DisableKeyRotation {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DisableKeyRotationInput> = Validation::MODEL;
    type Plan = DisableKeyRotationInput;

    fn check(input: DisableKeyRotationInput) -> Result<DisableKeyRotationInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a DisableKeyRotationInput) -> Access<'a> {
        Need::new(
            "kms:DisableKeyRotation",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: DisableKeyRotationInput,
    ) -> Result<DisableKeyRotationOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let disable = |key: &mut Key| {
            key.check_usable()?;
            key.rotation = None;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, disable).await?;
        Ok(DisableKeyRotationOutput {})
    }
}
