//! DisableKeyRotation: the material stays as it is.

use crate::authorize::Asked;
use crate::key::Key;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DisableKeyRotation, DisableKeyRotationInput, DisableKeyRotationOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for DisableKeyRotation {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DisableKeyRotationInput> = Validation::MODEL;
    type Plan = DisableKeyRotationInput;

    fn check(input: DisableKeyRotationInput) -> Result<DisableKeyRotationInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a DisableKeyRotationInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: DisableKeyRotationInput,
    ) -> Result<DisableKeyRotationOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:DisableKeyRotation", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let disable = |key: &mut Key| {
            key.check_usable()?;
            key.rotation = None;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, disable).await?;
        Ok(DisableKeyRotationOutput {})
    }
}
