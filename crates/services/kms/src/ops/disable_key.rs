//! DisableKey: a key that cannot be used until it is enabled.

use crate::key::{Key, State};
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DisableKey, DisableKeyInput, DisableKeyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for DisableKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DisableKeyInput> = Validation::MODEL;
    type Plan = DisableKeyInput;

    fn check(input: DisableKeyInput) -> Result<DisableKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a DisableKeyInput) -> Access<'a> {
        Need::new(
            "kms:DisableKey",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DisableKeyInput) -> Result<DisableKeyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let disable = |key: &mut Key| {
            key.check_not_pending()?;
            key.state = State::Disabled;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, disable).await?;
        Ok(DisableKeyOutput {})
    }
}
