//! DescribeTable.
//!
//! Order of refusals: the name → no such table.

use crate::checks::control_table_name;
use crate::describe::{self, Moment};
use crate::service::DynamoDb;
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
        let engine = &cx.service.engine;
        let table = control_table_name::find(cx, input.table_name.as_deref())?;
        let statistics =
            engine.statistics(&table).await.map_err(|error| crate::errors::store_error(&error))?;
        let moment = Moment::at(cx.now_micros);
        Ok(DescribeTableOutput { table: Some(describe::table(&table, &statistics, moment)) })
    }
}
