//! DescribeContinuousBackups: on, as for every table, and without point-in-time recovery.
//!
//! Order of refusals: the name → no such table, in the words of backups; one that is being created is not there yet.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::codes;
use crate::service::DynamoDb;
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    ContinuousBackupsDescription, DescribeContinuousBackups, DescribeContinuousBackupsInput,
    DescribeContinuousBackupsOutput, PointInTimeRecoveryDescription,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

impl Operation<DynamoDb> for DescribeContinuousBackups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeContinuousBackupsInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DescribeContinuousBackupsInput) -> Result<TableRef, ApiError> {
        control_table_name::check(input.table_name)
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeContinuousBackups", table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        table: TableRef,
    ) -> Result<DescribeContinuousBackupsOutput, ApiError> {
        let is_ready = |found: &Arc<Table>| !found.settings.is_creating(cx.now_micros);
        table.find(cx).await?.filter(is_ready).ok_or_else(|| not_found(table.name()))?;
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
