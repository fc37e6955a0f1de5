//! EnableKey: a disabled key can be used again.

use crate::key::{Key, State};
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{EnableKey, EnableKeyInput, EnableKeyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for EnableKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EnableKeyInput> = Validation::MODEL;
    type Plan = EnableKeyInput;

    fn check(input: EnableKeyInput) -> Result<EnableKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a EnableKeyInput) -> Access<'a> {
        Need::new(
            "kms:EnableKey",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: EnableKeyInput) -> Result<EnableKeyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let enable = |key: &mut Key| {
            key.check_not_pending()?;
            key.state = State::Enabled;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, enable).await?;
        Ok(EnableKeyOutput {})
    }
}
