//! DeleteBackup: it is gone at once, what it holds is dropped later.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a backup → another account's → no such backup →
//! a system backup, which only expires → one that is being created or restored.

use crate::backup_arn::BackupArn;
use crate::backup_description;
use crate::errors::{backup_error, invalid_request};
use crate::service::DynamoDb;
use engine::{Backup, BackupKind};
use model::ApiError;
use model::dynamodb::{DeleteBackup, DeleteBackupInput, DeleteBackupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DeleteBackup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteBackupInput> = Validation::MODEL;
    type Plan = BackupArn;

    fn check(input: DeleteBackupInput) -> Result<BackupArn, ApiError> {
        BackupArn::read(input.backup_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, backup: &BackupArn) -> Access<'static> {
        backup.access("dynamodb:DeleteBackup")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, arn: BackupArn) -> Result<DeleteBackupOutput, ApiError> {
        let backup = arn.find(cx).await?;
        is_clients(&backup, &arn)?;
        let deleted = cx.service.engine.delete_backup(&backup).await;
        let deleted = deleted.map_err(|error| backup_error(&error, &arn.text, "used to restore table"))?;
        let mut description = backup_description::description(&deleted);
        if let Some(details) = &mut description.backup_details {
            details.backup_status = Some("DELETED".to_owned());
        }
        Ok(DeleteBackupOutput { backup_description: Some(description) })
    }
}

fn is_clients(backup: &Backup, arn: &BackupArn) -> Result<(), ApiError> {
    let BackupKind::System = backup.kind else { return Ok(()) };
    let expires = stdx::calendar::iso_8601(backup.expires_micros.unwrap_or_default() / 1_000_000);
    Err(invalid_request(format_args!(
        "User is not allowed to delete the system backup with arn {}. It will automatically expire on {expires}",
        arn.text
    )))
}
