//! EnableKeyRotation: new material now and then; what was encrypted before goes on opening.

use crate::authorize::Asked;
use crate::key::{DAY_MICROS, Key, Rotation};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{EnableKeyRotation, EnableKeyRotationInput, EnableKeyRotationOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Where none are named.
const DAYS: u32 = 365;

impl Operation<Kms> for EnableKeyRotation {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<EnableKeyRotationInput> = Validation::MODEL;
    type Plan = EnableKeyRotationInput;

    fn check(input: EnableKeyRotationInput) -> Result<EnableKeyRotationInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a EnableKeyRotationInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: EnableKeyRotationInput,
    ) -> Result<EnableKeyRotationOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:EnableKeyRotation", plan.key_id.as_deref().unwrap_or_default())
            .and("kms:rotationperiodindays", plan.rotation_period_in_days);
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let days = plan.rotation_period_in_days.and_then(|days| u32::try_from(days).ok());
        let enable = |key: &mut Key| {
            key.check_usable()?;
            let period_days = days.or(key.rotation.map(|old| old.period_days)).unwrap_or(DAYS);
            let next_micros = cx.now_micros.saturating_add(u64::from(period_days) * DAY_MICROS);
            if key.rotation.is_none_or(|old| old.period_days != period_days) {
                key.rotation = Some(Rotation { period_days, next_micros });
            }
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, enable).await?;
        Ok(EnableKeyRotationOutput {})
    }
}
