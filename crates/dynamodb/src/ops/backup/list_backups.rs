//! ListBackups: those of an account and region in the order of their creation, those of clients unless others are asked
//! for. A table that is not there has none, or those of an earlier one.
//!
//! Order of refusals: the constraints of the model → a range of times that ends before it begins → where the list is to
//! begin is no backup of this region.

use crate::backup_arn::{self, BackupArn};
use crate::backup_description;
use crate::checks::table_name::name_of;
use crate::errors::{invalid_parameter, invalid_request, store_error};
use crate::service::{DynamoDb, scope_of};
use engine::{BackupKind, BackupPage};
use model::ApiError;
use model::dynamodb::{ListBackups, ListBackupsInput, ListBackupsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Backups on a page by default, and at most.
const PAGE_MAX: usize = 100;

/// The checked request.
pub struct Plan {
    page: BackupPage,
    /// The region of the ARN where the list is to begin.
    region: Option<String>,
    /// No backup is of the kind that is asked for.
    is_empty: bool,
}

impl Operation<DynamoDb> for ListBackups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListBackupsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListBackupsInput) -> Result<Plan, ApiError> {
        let millis =
            |seconds: Option<f64>| seconds.map(|seconds| (seconds * 1_000.0).round().max(0.0) as u64);
        let (lower, upper) = (millis(input.time_range_lower_bound), millis(input.time_range_upper_bound));
        if lower.zip(upper).is_some_and(|(lower, upper)| lower > upper) {
            return Err(invalid_parameter(
                "Time range lower bound must be less than or equal to upper bound",
            ));
        }
        let after = input.exclusive_start_backup_arn.map(|arn| BackupArn::read(Some(arn))).transpose()?;
        let (kind, is_empty) = kind(input.backup_type.as_deref());
        let page = BackupPage {
            after: after.as_ref().map(BackupArn::place),
            from_millis: lower,
            before_millis: upper,
            table_name: input.table_name.map(|name| name_of(&name).to_owned()),
            kind,
            limit: input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_MAX),
        };
        Ok(Plan { page, region: after.map(|after| after.region), is_empty })
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &Plan) -> Access<'static> {
        crate::access::everything("dynamodb:ListBackups")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ListBackupsOutput, ApiError> {
        if plan.region.is_some_and(|region| *region != *cx.caller.region) {
            return Err(invalid_request("The supplied ExclusiveStartBackupArn does not match the region"));
        }
        let limit = if plan.is_empty { 0 } else { plan.page.limit };
        let and_one = BackupPage { limit: limit + usize::from(!plan.is_empty), ..plan.page };
        let found = cx.service.engine.backups(&scope_of(cx.caller), &and_one).await;
        let mut found = found.map_err(|error| store_error(&error))?;
        let is_last = found.len() <= limit;
        found.truncate(limit);
        let last = found.last().filter(|_| !is_last).map(backup_arn::of);
        Ok(ListBackupsOutput {
            backup_summaries: Some(found.iter().map(backup_description::summary).collect()),
            last_evaluated_backup_arn: last,
        })
    }
}

/// The kind that is asked for, and whether there is none of it: those of AWS Backup are not made here.
fn kind(backup_type: Option<&str>) -> (Option<BackupKind>, bool) {
    match backup_type {
        Some("ALL") => (None, false),
        Some("SYSTEM") => (Some(BackupKind::System), false),
        None | Some("USER") => (Some(BackupKind::User), false),
        Some(_) => (None, true),
    }
}
