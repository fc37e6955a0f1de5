//! GetKeyRotationStatus: whether there is new material now and then, and when next.

use super::metadata::seconds;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{GetKeyRotationStatus, GetKeyRotationStatusInput, GetKeyRotationStatusOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for GetKeyRotationStatus {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetKeyRotationStatusInput> = Validation::MODEL;
    type Plan = GetKeyRotationStatusInput;

    fn check(input: GetKeyRotationStatusInput) -> Result<GetKeyRotationStatusInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a GetKeyRotationStatusInput) -> Access<'a> {
        Need::new(
            "kms:GetKeyRotationStatus",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: GetKeyRotationStatusInput,
    ) -> Result<GetKeyRotationStatusOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let key = cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        key.check_not_pending()?;
        Ok(GetKeyRotationStatusOutput {
            key_rotation_enabled: Some(key.rotation.is_some()),
            key_id: key.rotation.map(|_| key.arn()),
            rotation_period_in_days: key.rotation.map(|rotation| rotation.period_days.into()),
            next_rotation_date: key.rotation.map(|rotation| seconds(rotation.next_micros)),
            on_demand_rotation_start_date: None,
        })
    }
}
