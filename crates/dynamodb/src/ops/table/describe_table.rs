//! DescribeTable.
//!
//! Order of refusals: the name → no such table.

use crate::checks::table_ref::TableRef;
use crate::checks::{control_table_name, deleted_table};
use crate::describe::{self, Moment};
use crate::service::DynamoDb;
use engine::TableStatistics;
use model::ApiError;
use model::dynamodb::{DescribeTable, DescribeTableInput, DescribeTableOutput};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeTableInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DescribeTableInput) -> Result<TableRef, ApiError> {
        let is_named = input.table_name.is_some();
        let table = TableRef::of(input.table_name);
        refuse(&control_table_name::name_violations(is_named.then(|| table.name()))?)?;
        Ok(table)
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeTable", table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, name: TableRef) -> Result<DescribeTableOutput, ApiError> {
        let (engine, moment) = (&cx.service.engine, Moment::at(cx.now_micros));
        let table = match control_table_name::find_even_restoring(cx, &name).await {
            Ok(table) => table,
            Err(missing) => {
                let deleted = deleted_table::find(cx, &name).await?.ok_or(missing)?;
                let description = describe::deleted(&deleted, &TableStatistics::empty(&deleted), moment);
                return Ok(DescribeTableOutput { table: Some(description) });
            }
        };
        let moment = moment.locked_since(engine.locked(&table).map(|(since, _)| since));
        let statistics =
            engine.statistics(&table).await.map_err(|error| crate::errors::store_error(&error))?;
        let mut description = describe::table(&table, &statistics, moment);
        describe::replicas::add_to(&mut description, engine, &table, cx.now_micros);
        describe::remote_replicas::add_to(&mut description, &cx.service.peers, &table);
        Ok(DescribeTableOutput { table: Some(description) })
    }
}
