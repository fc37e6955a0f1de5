//! UpdateContinuousBackups: switches point-in-time recovery on or off, or changes its period. Takes effect at once; the
//! same again changes nothing.
//!
//! Order of refusals: the constraints of the model, the name of the table first → a period without recovery → no such
//! table, in the words of backups; one that is being created is not there yet.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::continuous_backups::{self, PERIOD_DAYS};
use crate::errors::{invalid_request, source_not_found, table_keeps_changing};
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use model::ApiError;
use model::dynamodb::{UpdateContinuousBackups, UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// The checked request.
pub struct Plan {
    table: TableRef,
    period_days: Option<u64>,
}

impl Operation<DynamoDb> for UpdateContinuousBackups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateContinuousBackupsInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UpdateContinuousBackupsInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        let asked = input.point_in_time_recovery_specification.unwrap_or_default();
        let is_enabled = asked.point_in_time_recovery_enabled == Some(true);
        if !is_enabled && asked.recovery_period_in_days.is_some() {
            return Err(invalid_request(
                "Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
            ));
        }
        let days = asked.recovery_period_in_days.and_then(|days| u64::try_from(days).ok());
        let period_days = is_enabled.then(|| days.unwrap_or(PERIOD_DAYS));
        Ok(Plan { table: TableRef::of(input.table_name), period_days })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:UpdateContinuousBackups", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<UpdateContinuousBackupsOutput, ApiError> {
        let table = switched(cx, &plan).await?;
        let description = continuous_backups::description(&table, cx.now_micros);
        Ok(UpdateContinuousBackupsOutput { continuous_backups_description: Some(description) })
    }
}

async fn switched(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Result<Arc<Table>, ApiError> {
    for _ in 0..ATTEMPTS_MAX {
        let is_ready = |found: &Arc<Table>| !found.settings.is_creating(cx.now_micros);
        let table = plan.table.find(cx).await?.filter(is_ready);
        let table = table.ok_or_else(|| source_not_found(plan.table.name()))?;
        if continuous_backups::is_switched(&table, plan.period_days) {
            return Ok(table);
        }
        let switch = |table: &mut Table| continuous_backups::switch(table, plan.period_days, cx.now_micros);
        if let Some(table) = table_change::attempt(cx, &table, switch).await? {
            return Ok(table);
        }
    }
    Err(table_keeps_changing())
}
