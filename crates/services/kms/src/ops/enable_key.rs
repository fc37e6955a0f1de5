//! EnableKey: a disabled key can be used again.

use crate::authorize::Asked;
use crate::key::{Key, State};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{EnableKey, EnableKeyInput, EnableKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for EnableKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EnableKeyInput> = Validation::MODEL;
    type Plan = EnableKeyInput;

    fn check(input: EnableKeyInput) -> Result<EnableKeyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a EnableKeyInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: EnableKeyInput) -> Result<EnableKeyOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:EnableKey", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let enable = |key: &mut Key| {
            key.check_not_pending()?;
            key.state = State::Enabled;
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, enable).await?;
        Ok(EnableKeyOutput {})
    }
}
