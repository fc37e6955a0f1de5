//! GetKeyRotationStatus: whether there is new material now and then, and when next.

use super::metadata::seconds;
use crate::authorize::Asked;
use crate::service::Kms;
use model::ApiError;
use model::kms::{GetKeyRotationStatus, GetKeyRotationStatusInput, GetKeyRotationStatusOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for GetKeyRotationStatus {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetKeyRotationStatusInput> = Validation::MODEL;
    type Plan = GetKeyRotationStatusInput;

    fn check(input: GetKeyRotationStatusInput) -> Result<GetKeyRotationStatusInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a GetKeyRotationStatusInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: GetKeyRotationStatusInput,
    ) -> Result<GetKeyRotationStatusOutput, ApiError> {
        let asked = Asked::new("kms:GetKeyRotationStatus", plan.key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
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
