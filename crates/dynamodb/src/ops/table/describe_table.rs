//! DescribeTable.
//!
//! Order of refusals: the name → no such table.

use crate::checks::control_table_name;
use crate::describe::{self, Status};
use crate::service::DynamoDb;
use model::dynamodb::{DescribeTable, DescribeTableInput, DescribeTableOutput};
use model::{ApiError, Violation};
use pipeline::{Access, Cx, Kind, Operation};

impl Operation<DynamoDb> for DescribeTable {
    const KIND: Kind = Kind::Control;

    fn constraints(_: &DescribeTableInput) -> Vec<Violation> {
        Vec::new() // the name has wordings of its own, in `check`
    }

    fn check(input: &DescribeTableInput) -> Result<(), ApiError> {
        control_table_name::check(input.table_name.as_deref())
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &DescribeTableInput) -> Access {
        crate::access::table(cx, "dynamodb:DescribeTable", input.table_name.as_deref())
    }

    async fn run(cx: &Cx<'_, DynamoDb>, input: DescribeTableInput) -> Result<DescribeTableOutput, ApiError> {
        let engine = &cx.service.engine;
        let table = control_table_name::find(cx, input.table_name.as_deref())?;
        let statistics =
            engine.statistics(&table).await.map_err(|error| crate::errors::store_error(&error))?;
        Ok(DescribeTableOutput { table: Some(describe::table(&table, &statistics, Status::Active)) })
    }
}
