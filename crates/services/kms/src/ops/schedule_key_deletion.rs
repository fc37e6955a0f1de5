//! ScheduleKeyDeletion: a key that is gone in some days, with all that is encrypted under it.

use super::metadata::seconds;
use crate::authorize::Asked;
use crate::key::{DAY_MICROS, Key, State};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{ScheduleKeyDeletion, ScheduleKeyDeletionInput, ScheduleKeyDeletionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Where none are named.
const DAYS: i64 = 30;

impl Operation<Kms> for ScheduleKeyDeletion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ScheduleKeyDeletionInput> = Validation::MODEL;
    type Plan = ScheduleKeyDeletionInput;

    fn check(input: ScheduleKeyDeletionInput) -> Result<ScheduleKeyDeletionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ScheduleKeyDeletionInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: ScheduleKeyDeletionInput,
    ) -> Result<ScheduleKeyDeletionOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let days = plan.pending_window_in_days.unwrap_or(DAYS);
        let asked = Asked::new("kms:ScheduleKeyDeletion", plan.key_id.as_deref().unwrap_or_default())
            .and("kms:schedulekeydeletionpendingwindowindays", Some(days));
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let at_micros = cx.now_micros.saturating_add(days.unsigned_abs().saturating_mul(DAY_MICROS));
        let schedule = |key: &mut Key| {
            key.check_not_pending()?;
            key.state = State::PendingDeletion { at_micros };
            Ok(())
        };
        let (key, ()) = cx.service.keys.change(&scope, &id, cx.now_micros, schedule).await?;
        Ok(ScheduleKeyDeletionOutput {
            key_id: Some(key.arn()),
            deletion_date: Some(seconds(at_micros)),
            key_state: Some(key.state.name().to_owned()),
            pending_window_in_days: Some(days),
        })
    }
}
