//! CreateBackup: begins a backup of a table as it is now; items are copied behind the answer.
//!
//! Order of refusals: the constraints of the model, the name of the table first → no such table, in the words of
//! backups; one that is being created is not there yet → its key cannot be used.

use crate::backup_description;
use crate::checks::table_ref::TableRef;
use crate::checks::{control_table_name, encryption};
use crate::errors::{source_not_found, store_error};
use crate::service::DynamoDb;
use engine::{BackupError, Table};
use model::ApiError;
use model::dynamodb::{CreateBackup, CreateBackupInput, CreateBackupOutput};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// The checked request.
pub struct Plan {
    table: TableRef,
    name: String,
}

impl Operation<DynamoDb> for CreateBackup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateBackupInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: CreateBackupInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        let name = input.backup_name.unwrap_or_default();
        Ok(Plan { table: TableRef::of(input.table_name), name })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:CreateBackup", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<CreateBackupOutput, ApiError> {
        let missing = || source_not_found(plan.table.name());
        let is_ready = |found: &Arc<Table>| !found.settings.is_creating(cx.now_micros);
        let table = plan.table.find(cx).await?.filter(is_ready).ok_or_else(missing)?;
        encryption::check_unlocked(&cx.service.engine, &table)?;
        let backup = cx.service.engine.create_backup(&table, &plan.name).await;
        let backup = backup.map_err(|error| match error {
            BackupError::Store(error) => store_error(&error),
            BackupError::NotFound | BackupError::Creating | BackupError::Restoring => missing(),
        })?;
        Ok(CreateBackupOutput { backup_details: Some(backup_description::details(&backup)) })
    }
}
