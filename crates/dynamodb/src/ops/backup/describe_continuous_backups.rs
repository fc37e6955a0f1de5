//! DescribeContinuousBackups: on, as for every table, and without point-in-time recovery.
//!
//! Order of refusals: the name → no such table, in the words of backups.

use crate::checks::{control_table_name, table_name};
use crate::errors::codes;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    ContinuousBackupsDescription, DescribeContinuousBackups, DescribeContinuousBackupsInput,
    DescribeContinuousBackupsOutput, PointInTimeRecoveryDescription,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeContinuousBackups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeContinuousBackupsInput> = Validation::Own;
    type Plan = String;

    fn check(input: DescribeContinuousBackupsInput) -> Result<String, ApiError> {
        control_table_name::check(input.table_name.as_deref())?;
        Ok(input.table_name.unwrap_or_default())
    }

    fn access(cx: &Cx<'_, DynamoDb>, name: &String) -> Access {
        crate::access::table(cx, "dynamodb:DescribeContinuousBackups", Some(name))
    }

    async fn run(cx: &Cx<'_, DynamoDb>, name: String) -> Result<DescribeContinuousBackupsOutput, ApiError> {
        table_name::find_table(cx, &name).ok_or_else(|| not_found(table_name::name_of(&name)))?;
        let recovery = PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some("DISABLED".to_owned()),
            ..Default::default()
        };
        Ok(DescribeContinuousBackupsOutput {
            continuous_backups_description: Some(ContinuousBackupsDescription {
                continuous_backups_status: Some("ENABLED".to_owned()),
                point_in_time_recovery_description: Some(recovery),
            }),
        })
    }
}

/// Backups have a code and a text of their own for a table that is not there.
fn not_found(table: &str) -> ApiError {
    ApiError::new(codes::TABLE_NOT_FOUND, format!("Table not found: {table}"))
}
