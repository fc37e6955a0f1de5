//! DescribeBackup.
//!
//! Order of refusals: the constraints of the model → what is no ARN of a backup → another account's → no such backup.

use crate::backup_arn::BackupArn;
use crate::backup_description;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeBackup, DescribeBackupInput, DescribeBackupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeBackup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeBackupInput> = Validation::MODEL;
    type Plan = BackupArn;

    fn check(input: DescribeBackupInput) -> Result<BackupArn, ApiError> {
        BackupArn::read(input.backup_arn)
    }

    fn access(_: &Cx<'_, DynamoDb>, backup: &BackupArn) -> Access<'static> {
        backup.access("dynamodb:DescribeBackup")
    }

    async fn run(cx: &Cx<'_, DynamoDb>, backup: BackupArn) -> Result<DescribeBackupOutput, ApiError> {
        let backup = backup.find(cx).await?;
        Ok(DescribeBackupOutput { backup_description: Some(backup_description::description(&backup)) })
    }
}
