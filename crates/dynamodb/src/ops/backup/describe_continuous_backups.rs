//! DescribeContinuousBackups: on, as for every table, with point-in-time recovery or without.
//!
//! Order of refusals: the name → no such table, in the words of backups; one that is being created is not there yet.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::continuous_backups;
use crate::errors::source_not_found;
use crate::service::DynamoDb;
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    DescribeContinuousBackups, DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput,
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
        let table = table.find(cx).await?.filter(is_ready).ok_or_else(|| source_not_found(table.name()))?;
        let description = continuous_backups::description(&table, cx.now_micros);
        Ok(DescribeContinuousBackupsOutput { continuous_backups_description: Some(description) })
    }
}
