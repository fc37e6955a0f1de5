//! ExportTableToPointInTime: orders an export of a table as it was at a time, or of what has changed in it, into a
//! bucket. Everything about the bucket is found out behind the answer.
//!
//! Order of refusals: the constraints of the model → the ARN of the table → type, specification and key that do not go
//! together → the expressions of the filter → another account's table → the times of an incremental export → no such
//! table → recovery is off → the time cannot be exported → the filter does not go with the key → another request had
//! the token → too many exports.

use crate::checks::table_name::Arn;
use crate::checks::table_ref::TableRef;
use crate::continuous_backups;
use crate::errors::{
    codes, invalid_parameter, invalid_request, record_error, recovery_unavailable, source_not_found,
    store_error,
};
use crate::export::{
    Export, ExportedTable, Filter, Format, Stage, Task, View, What, description, manifest_summary_key,
    token_print,
};
use crate::service::{DynamoDb, scope_of};
use crate::transfer::kms_keys::{self, Found};
use crate::transfer::{self, Added, Denial, Transfer, new_id};
use engine::{BackupError, Table};
use model::dynamodb::{
    ExportTableToPointInTime, ExportTableToPointInTimeInput, ExportTableToPointInTimeOutput,
    FilterSpecification,
};
use model::{ApiError, code};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::sync::Arc;
use stdx::calendar::iso_8601;
use wire::Encode;

const MINUTE_MICROS: u64 = 60 * 1_000_000;
/// How long the time of an incremental export is at least, and at most.
const PERIOD_MICROS: [u64; 2] = [15 * MINUTE_MICROS, 24 * 60 * MINUTE_MICROS];
/// What a client needs in the bucket.
const NEEDS: [&str; 3] = ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"];

/// The checked request.
pub struct Plan {
    table: TableRef,
    asked: Asked,
    token: Option<String>,
    bucket: String,
    bucket_owner: Option<String>,
    prefix: Option<String>,
    sse_algorithm: String,
    sse_kms_key_id: Option<String>,
    /// With its JSON.
    filter: Option<(Filter, String)>,
    format: Format,
    shows_type: bool,
}

/// What is asked for, with times in seconds since the Unix epoch.
#[derive(Clone, Copy)]
enum Asked {
    Full { time: Option<f64> },
    Incremental { from: f64, to: Option<f64>, view: View },
}

impl Operation<DynamoDb> for ExportTableToPointInTime {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ExportTableToPointInTimeInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ExportTableToPointInTimeInput) -> Result<Plan, ApiError> {
        let arn = input.table_arn.as_deref().unwrap_or_default();
        if !arn.starts_with("arn:") {
            return Err(invalid_parameter("tableArn is not a valid ARN"));
        }
        if Arn::parse(arn).is_none() {
            return Err(invalid_request("Table ARN is invalid."));
        }
        let asked = asked(&input)?;
        let is_by_kms = input.s3_sse_algorithm.as_deref() == Some("KMS");
        if input.s3_sse_kms_key_id.is_some() && !is_by_kms {
            return Err(invalid_request("KMS Key Id is not supported for this encryption type"));
        }
        let filter = input.filter_specification.map(kept_filter).transpose()?;
        Ok(Plan {
            table: TableRef::of(input.table_arn),
            asked,
            token: input.client_token,
            bucket: input.s3_bucket.unwrap_or_default(),
            bucket_owner: input.s3_bucket_owner,
            prefix: input.s3_prefix,
            sse_algorithm: input.s3_sse_algorithm.unwrap_or_else(|| "AES256".to_owned()),
            sse_kms_key_id: input.s3_sse_kms_key_id,
            filter,
            format: match input.export_format.as_deref() {
                Some("ION") => Format::Ion,
                _ => Format::DynamoDbJson,
            },
            shows_type: input.export_type.is_some(),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:ExportTableToPointInTime", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ExportTableToPointInTimeOutput, ApiError> {
        let table = find(cx, &plan.table).await?;
        let period = period(cx, table.as_deref(), plan.asked)?;
        let table = table.ok_or_else(|| source_not_found(plan.table.as_sent()))?;
        let what = what(cx, &table, plan.asked, period)?;
        plan.filter.as_ref().map_or(Ok(()), |(filter, _)| filter.check(&table))?;
        let export = ordered(cx, &table, &plan, what);
        let (asked_time, asked_until) = match plan.asked {
            Asked::Full { time } => (time, None),
            Asked::Incremental { to, .. } => (None, to),
        };
        let print = token_print(&export, asked_time, asked_until);
        let (denial, kms_keys) = rights(cx, &export).await?;
        let task = Task { denial, kms_keys, stage: Stage::New };
        let added = cx.service.exports.add(&export, &task, Some(print)).await;
        let export = match added.map_err(|error| record_error(&error))? {
            Added::New => {
                begin_copy(cx, &table, &export).await?;
                export
            }
            Added::Known(export) => *export,
            Added::Conflict => {
                let text = "Export conflict: Duplicate request detected with conflicting parameters";
                return Err(ApiError::new(codes::EXPORT_CONFLICT, text));
            }
            Added::Full => return Err(too_many()),
        };
        Ok(ExportTableToPointInTimeOutput { export_description: Some(description(&export)) })
    }
}

/// The filter of a request, with what is kept of it.
fn kept_filter(asked: FilterSpecification) -> Result<(Filter, String), ApiError> {
    let mut json = Vec::new();
    asked.encode(&mut json);
    Ok((Filter::of(asked)?, String::from_utf8_lossy(&json).into_owned()))
}

/// Type and specification, which must go together.
fn asked(input: &ExportTableToPointInTimeInput) -> Result<Asked, ApiError> {
    let is_incremental = input.export_type.as_deref() == Some("INCREMENTAL_EXPORT");
    match (&input.incremental_export_specification, input.export_type.is_some(), is_incremental) {
        (Some(_), false, _) => Err(invalid_request(
            "Export Type expected to be Incremental Export when incremental export specification is provided",
        )),
        (Some(_), true, false) => Err(invalid_request(
            "When Export Type is Full Export , Incremental Export Specification should not be provided",
        )),
        (None, _, true) => Err(invalid_request(
            "Incremental Export Specification expected when export type is set as Incremental Export",
        )),
        (None, _, false) => Ok(Asked::Full { time: input.export_time }),
        (Some(period), true, true) => {
            let from = period.export_from_time.ok_or_else(|| {
                invalid_request("ExportFromTime must be provided in IncrementalExportSpecification")
            })?;
            let view = match period.export_view_type.as_deref() {
                Some("NEW_IMAGE") => View::New,
                _ => View::NewAndOld,
            };
            Ok(Asked::Incremental { from, to: period.export_to_time, view })
        }
    }
}

/// The table, unless it is not there or being created. Another account's is refused, another region's is not there.
async fn find(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Result<Option<Arc<Table>>, ApiError> {
    let scope = scope_of(cx.caller);
    let arn = Arn::parse(table.as_sent());
    if arn.is_some_and(|arn| *arn.account != *scope.account) {
        return Err(ApiError::new(code::ACCESS_DENIED, "Access is denied"));
    }
    if arn.is_some_and(|arn| *arn.region != *scope.region || arn.partition != "aws") {
        return Ok(None);
    }
    let found = cx.service.engine.find_table(&scope, table.name()).await;
    let found = found.map_err(|error| store_error(&error))?;
    Ok(found.filter(|found| !found.settings.is_creating(cx.now_micros)))
}

/// The first and the last microsecond of an incremental export.
fn period(
    cx: &Cx<'_, DynamoDb>,
    table: Option<&Table>,
    asked: Asked,
) -> Result<Option<(u64, u64)>, ApiError> {
    let Asked::Incremental { from, to, .. } = asked else { return Ok(None) };
    let invalid = |text: String| Err(ApiError::new(codes::INVALID_EXPORT_TIME, text));
    let from = micros(from);
    if let Some(created) =
        table.map(|table| table.created_micros / 1_000_000).filter(|s| from / 1_000_000 < *s)
    {
        return invalid(format!(
            "Incremental export period from time cannot be less than the table creation time : {}",
            iso_8601(created)
        ));
    }
    if to.is_some_and(|to| micros(to) > cx.now_micros) {
        return invalid(format!(
            "Incremental export period to time cannot be greater than the current time : {}",
            iso_8601(cx.now_micros / 1_000_000)
        ));
    }
    // What was acknowledged before the request may have been written by a clock that is ahead.
    let to = to.map_or_else(|| latest(cx).saturating_add(1), micros);
    let length = to.saturating_sub(from);
    let between = "Difference between export period from time and export period to time is";
    match PERIOD_MICROS {
        [least, _] if length < least => invalid(format!("{between} less than 15 minutes")),
        [_, most] if length > most.saturating_add(1_000) => {
            invalid(format!("{between} greater than 24 hours"))
        }
        _ => Ok(Some((from, to))),
    }
}

/// What is exported, if the history of the table has it.
fn what(
    cx: &Cx<'_, DynamoDb>,
    table: &Table,
    asked: Asked,
    period: Option<(u64, u64)>,
) -> Result<What, ApiError> {
    let recovery = table.settings.point_in_time_recovery.ok_or_else(|| recovery_unavailable(&table.name))?;
    let (earliest, now) = continuous_backups::window(recovery, cx.now_micros);
    let invalid = || ApiError::new(codes::INVALID_EXPORT_TIME, "Export Time is invalid");
    match (asked, period) {
        (Asked::Incremental { view, .. }, Some((from_micros, to_micros))) => match from_micros >= earliest {
            true => Ok(What::Incremental { from_micros, to_micros, view }),
            false => Err(invalid()),
        },
        (Asked::Full { time: Some(time) }, _) => {
            let time_micros = micros(time);
            let is_there = (earliest..=now).contains(&time_micros);
            is_there.then_some(What::Full { time_micros }).ok_or_else(invalid)
        }
        _ => Ok(What::Full { time_micros: latest(cx) }),
    }
}

/// What was acknowledged before the request is not younger.
fn latest(cx: &Cx<'_, DynamoDb>) -> u64 {
    cx.now_micros.max(cx.service.engine.store().durable().time_micros)
}

fn micros(seconds: f64) -> u64 {
    (seconds * 1e6).round().max(0.0) as u64
}

fn ordered(cx: &Cx<'_, DynamoDb>, table: &Table, plan: &Plan, what: What) -> Export {
    let start_micros = cx.now_micros;
    Export {
        id: new_id(start_micros, cx.random.next_u64()),
        table: ExportedTable {
            account: table.scope.account.to_string(),
            region: table.scope.region.to_string(),
            name: table.name.clone(),
            arn: table.arn(),
            uuid: table.uuid.clone(),
        },
        client_token: plan.token.clone().unwrap_or_else(|| cx.random.uuid()),
        bucket: plan.bucket.clone(),
        bucket_owner: plan.bucket_owner.clone(),
        prefix: plan.prefix.clone(),
        sse_algorithm: plan.sse_algorithm.clone(),
        sse_kms_key_id: plan.sse_kms_key_id.clone(),
        format: plan.format,
        what,
        filter: plan.filter.as_ref().map(|(_, json)| json.clone()),
        shows_type: plan.shows_type,
        start_micros,
        end: None,
    }
}

/// What the caller may not do in the bucket, if anything.
fn denial(cx: &Cx<'_, DynamoDb>, export: &Export) -> Option<Denial> {
    let resource = format!("arn:aws:s3:::{}/{}", export.bucket, manifest_summary_key(export));
    transfer::denial(cx, &NEEDS.map(|action| Need::new(action, resource.clone())))
}

/// What the caller may not do, if anything, and the key of KMS that it may have the objects put under.
async fn rights(cx: &Cx<'_, DynamoDb>, export: &Export) -> Result<(Option<Denial>, Vec<String>), ApiError> {
    let denial = denial(cx, export);
    if denial.is_some() || !export.is_by_kms() {
        return Ok((denial, Vec::new()));
    }
    let object = (export.bucket.as_str(), manifest_summary_key(export));
    let found = kms_keys::to_put(cx, (object.0, &object.1), export.sse_kms_key_id.as_deref()).await?;
    Ok(match found {
        Found::Permitted(key) => (None, vec![key]),
        Found::Denied(denial) => (Some(Denial::OfBucket(denial)), Vec::new()),
        Found::Missing => (None, Vec::new()),
    })
}

/// The copy begins before the answer, so that a table may be deleted behind it. What it cannot do now, its task does.
async fn begin_copy(cx: &Cx<'_, DynamoDb>, table: &Table, export: &Export) -> Result<(), ApiError> {
    match cx.service.engine.create_export_copy(table, &export.id, export.since()).await {
        Ok(_) | Err(BackupError::NotFound | BackupError::Creating | BackupError::Restoring) => Ok(()),
        Err(BackupError::Store(error)) => Err(store_error(&error)),
    }
}

fn too_many() -> ApiError {
    let text = format!("There are {} exports in progress, which is the most at a time", Export::RUNNING_MAX);
    ApiError::new(codes::LIMIT_EXCEEDED, text)
}
