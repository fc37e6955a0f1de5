//! DescribeTable.
//!
//! Order of refusals: the name → no such table.

use crate::checks::{control_table_name, deleted_table};
use crate::describe::{self, Moment};
use crate::service::DynamoDb;
use engine::TableStatistics;
use model::ApiError;
use model::dynamodb::{DescribeTable, DescribeTableInput, DescribeTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeTableInput> = Validation::Own;
    type Plan = DescribeTableInput;

    fn check(input: DescribeTableInput) -> Result<DescribeTableInput, ApiError> {
        control_table_name::check(input.table_name.as_deref())?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &DescribeTableInput) -> Access {
        crate::access::table(cx, "dynamodb:DescribeTable", input.table_name.as_deref())
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: DescribeTableInput) -> Result<DescribeTableOutput, ApiError> {
        let (engine, moment) = (&cx.service.engine, Moment::at(cx.now_micros));
        let table = match control_table_name::find(cx, input.table_name.as_deref()) {
            Ok(table) => table,
            Err(missing) => {
                let deleted = deleted_table::find(cx, input.table_name.as_deref()).await?.ok_or(missing)?;
                let description = describe::deleted(&deleted, &TableStatistics::empty(&deleted), moment);
                return Ok(DescribeTableOutput { table: Some(description) });
            }
        };
        let statistics =
            engine.statistics(&table).await.map_err(|error| crate::errors::store_error(&error))?;
        Ok(DescribeTableOutput { table: Some(describe::table(&table, &statistics, moment)) })
    }
}
