//! RestoreTableToPointInTime: creates a table with the items that another one had at a time, which a job puts behind
//! the answer.
//!
//! Order of refusals: the constraints of the model → the source, by name or ARN → the time, given once → what the
//! overrides show alone → another region without encryption → no such table → recovery is off → the time is outside of
//! what can be restored → overrides that do not fit → the table exists → too many → a
//! key of KMS cannot be used.

use crate::checks::encryption;
use crate::checks::table_name::Arn;
use crate::checks::table_ref::TableRef;
use crate::continuous_backups;
use crate::describe::{self, Moment};
use crate::errors::{
    codes, foreign_resource, internal_error, invalid_parameter, invalid_request, recovery_unavailable,
    source_not_found, store_error,
};
use crate::peering;
use crate::restore::{self, Overrides};
use crate::service::{DynamoDb, scope_of};
use engine::table::Restore;
use engine::{BackupError, RestoreError, Scope, Table, TableStatistics};
use model::ApiError;
use model::dynamodb::{
    RestoreTableToPointInTime, RestoreTableToPointInTimeInput, RestoreTableToPointInTimeOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// The checked request.
pub struct Plan {
    source: TableRef,
    /// That of the source's ARN, where it is named by one.
    region: Option<String>,
    target: TableRef,
    /// In microseconds since the Unix epoch; the latest that there is where none is given.
    time_micros: Option<u64>,
    overrides: Overrides,
}

impl Operation<DynamoDb> for RestoreTableToPointInTime {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RestoreTableToPointInTimeInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: RestoreTableToPointInTimeInput) -> Result<Plan, ApiError> {
        let (source, region) = source(input.source_table_name, input.source_table_arn)?;
        let time_micros = time(input.restore_date_time, input.use_latest_restorable_time == Some(true))?;
        let overrides = Overrides {
            billing_mode: input.billing_mode_override,
            provisioned: input.provisioned_throughput_override,
            on_demand: input.on_demand_throughput_override,
            global: input.global_secondary_index_override,
            local: input.local_secondary_index_override,
            sse: input.sse_specification_override,
        };
        overrides.check(input.vector_index_override.is_some())?;
        let target = TableRef::of(input.target_table_name);
        Ok(Plan { source, region, target, time_micros, overrides })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        const ACTION: &str = "dynamodb:RestoreTableToPointInTime";
        let mut access = crate::access::table(cx, ACTION, &plan.source);
        restore::add_access(cx, &mut access, ACTION, &plan.target);
        access
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<RestoreTableToPointInTimeOutput, ApiError> {
        peering::check_hosted(cx)?;
        let source = find(cx, &plan).await?;
        let time_micros = restorable(cx, &source, plan.time_micros)?;
        let from = Restore::of(None, source.arn(), time_micros);
        let mut new = plan.overrides.apply(cx, &source, plan.target.name(), from)?;
        restore::has_room(cx, &new).await?;
        encryption::check_unlocked(&cx.service.engine, &source)?;
        plan.overrides.encrypt(cx, &source, &mut new).await?;
        let sealing = new.settings.sealing.clone();
        let restored = cx.service.engine.restore_to_time(new, &source, time_micros).await;
        if let Err(error) = &restored {
            restore::take_back(cx, sealing.as_ref(), error).await;
        }
        let table = restored.map_err(|error| match error {
            RestoreError::Create(error) => restore::create_error(error, plan.target.name()),
            RestoreError::Backup(BackupError::NotFound) => source_not_found(&source.name),
            RestoreError::Backup(BackupError::Store(error)) => store_error(&error),
            RestoreError::Backup(BackupError::Creating | BackupError::Restoring) => internal_error(),
        })?;
        let description =
            describe::table(&table, &TableStatistics::empty(&table), Moment::of_answer(cx.now_micros));
        Ok(RestoreTableToPointInTimeOutput { table_description: Some(description) })
    }
}

/// The table, and the region of its ARN.
fn source(name: Option<String>, arn: Option<String>) -> Result<(TableRef, Option<String>), ApiError> {
    match (name, arn) {
        (Some(_), Some(_)) => {
            Err(ApiError::validation("Must provide exactly one of: sourceTableArn, sourceTableName"))
        }
        (None, None) => Err(ApiError::validation(
            "The parameter 'TableName' is required but was not present in the request",
        )),
        (Some(name), None) => Ok((TableRef::of(Some(name)), None)),
        (None, Some(arn)) => {
            let region = Arn::parse(&arn).map(|arn| arn.region.to_owned());
            let region = region.ok_or_else(|| invalid_parameter("sourceTableArn is not a valid ARN"))?;
            Ok((TableRef::of(Some(arn)), Some(region)))
        }
    }
}

fn time(at: Option<f64>, latest: bool) -> Result<Option<u64>, ApiError> {
    match (at, latest) {
        (Some(_), true) => Err(invalid_request(
            "Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore request. \
             Please specify only one of them.",
        )),
        (None, false) => Err(invalid_request(
            "Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both",
        )),
        (at, _) => Ok(at.map(|seconds| (seconds * 1e6).round().max(0.0) as u64)),
    }
}

async fn find(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Result<Arc<Table>, ApiError> {
    let missing = || source_not_found(plan.source.name());
    let own = scope_of(cx.caller);
    let found = match plan.region.as_deref().filter(|region| **region != *own.region) {
        None => plan.source.find(cx).await?,
        Some(region) => {
            plan.overrides.check_from_elsewhere()?;
            let elsewhere = Scope { region: region.into(), ..own };
            if !plan.source.as_sent().contains(&format!(":{}:table/", elsewhere.account)) {
                return Err(foreign_resource());
            }
            let found = cx.service.engine.find_table(&elsewhere, plan.source.name()).await;
            found.map_err(|error| store_error(&error))?
        }
    };
    found.filter(|found| !found.settings.is_creating(cx.now_micros)).ok_or_else(missing)
}

/// The time that is restored, which must be among those that can be.
fn restorable(cx: &Cx<'_, DynamoDb>, source: &Table, asked: Option<u64>) -> Result<u64, ApiError> {
    let recovery =
        source.settings.point_in_time_recovery.ok_or_else(|| recovery_unavailable(&source.name))?;
    let (earliest, latest) = continuous_backups::window(recovery, cx.now_micros);
    // What was acknowledged before the request may have been written by a clock that is ahead.
    let Some(asked) = asked else { return Ok(latest.max(cx.service.engine.store().durable().time_micros)) };
    if (earliest..=latest).contains(&asked) {
        return Ok(asked);
    }
    let shown = |micros: u64| stdx::calendar::iso_8601(micros / 1_000_000);
    Err(ApiError::new(
        codes::INVALID_RESTORE_TIME,
        format!(
            "RestoreDateTime '{}' must be within EarliestRestorableDateTime '{}' and LatestRestorableDateTime '{}'",
            shown(asked),
            shown(earliest),
            shown(latest)
        ),
    ))
}
