//! DisableKey: a key that cannot be used until it is enabled.

use crate::authorize::Asked;
use crate::key::{Key, State};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DisableKey, DisableKeyInput, DisableKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for DisableKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DisableKeyInput> = Validation::MODEL;
    type Plan = DisableKeyInput;

    fn check(input: DisableKeyInput) -> Result<DisableKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a DisableKeyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DisableKeyInput) -> Result<DisableKeyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:DisableKey", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let disable = |key: &mut Key| {
            key.check_not_pending()?;
            key.state = State::Disabled;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, disable).await?;
        Ok(DisableKeyOutput {})
    }
}
