//! RestoreTableFromBackup: creates a table with the items of a backup, which a job puts behind the answer.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a backup → what the overrides show alone →
//! another region without encryption → another account's → no such backup → overrides that do not fit it → the table
//! exists → too many → a key of KMS cannot be used → the backup is in use.

use crate::backup_arn::BackupArn;
use crate::checks::table_ref::TableRef;
use crate::describe::{self, Moment};
use crate::errors::{backup_error, store_error};
use crate::peering;
use crate::restore::{self, Overrides};
use crate::service::DynamoDb;
use engine::table::Restore;
use engine::{RestoreError, TableStatistics};
use model::ApiError;
use model::dynamodb::{RestoreTableFromBackup, RestoreTableFromBackupInput, RestoreTableFromBackupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The checked request.
pub struct Plan {
    target: TableRef,
    backup: BackupArn,
    overrides: Overrides,
}

impl Operation<DynamoDb> for RestoreTableFromBackup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RestoreTableFromBackupInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: RestoreTableFromBackupInput) -> Result<Plan, ApiError> {
        let backup = BackupArn::read(input.backup_arn)?;
        let overrides = Overrides {
            billing_mode: input.billing_mode_override,
            provisioned: input.provisioned_throughput_override,
            on_demand: input.on_demand_throughput_override,
            global: input.global_secondary_index_override,
            local: input.local_secondary_index_override,
            sse: input.sse_specification_override,
        };
        overrides.check(input.vector_index_override.is_some())?;
        Ok(Plan { target: TableRef::of(input.target_table_name), backup, overrides })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        const ACTION: &str = "dynamodb:RestoreTableFromBackup";
        let mut access = plan.backup.access(ACTION);
        restore::add_access(cx, &mut access, ACTION, &plan.target);
        access
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<RestoreTableFromBackupOutput, ApiError> {
        peering::check_hosted(cx)?;
        let Plan { target, backup: arn, overrides } = plan;
        if *arn.region != *cx.caller.region {
            overrides.check_from_elsewhere()?;
        }
        let backup = arn.find_where_it_is(cx).await?;
        let from = Restore::of(Some(arn.text.clone()), backup.table.arn(), backup.created_micros);
        let mut new = overrides.apply(cx, &backup.table, target.name(), from)?;
        restore::has_room(cx, &new).await?;
        cx.service.engine.check_unlocked(&backup).await.map_err(|error| store_error(&error))?;
        overrides.encrypt(cx, &backup.table, &mut new).await?;
        let sealing = new.settings.sealing.clone();
        let restored = cx.service.engine.restore_backup(new, &backup).await;
        if let Err(error) = &restored {
            restore::take_back(cx, sealing.as_ref(), error).await;
        }
        let table = restored.map_err(|error| match error {
            RestoreError::Create(error) => restore::create_error(error, target.name()),
            RestoreError::Backup(error) => backup_error(&error, &arn.text, "used to restore another table"),
        })?;
        let description =
            describe::table(&table, &TableStatistics::empty(&table), Moment::of_answer(cx.now_micros));
        Ok(RestoreTableFromBackupOutput { table_description: Some(description) })
    }
}
