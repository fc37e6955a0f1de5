//! DescribeTableReplicaAutoScaling: how each replica of a table scales, itself included.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::replica_auto_scaling::{description, members};
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeTableReplicaAutoScaling, DescribeTableReplicaAutoScalingInput,
    DescribeTableReplicaAutoScalingOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeTableReplicaAutoScaling {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeTableReplicaAutoScalingInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DescribeTableReplicaAutoScalingInput) -> Result<TableRef, ApiError> {
        control_table_name::check(input.table_name)
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeTableReplicaAutoScaling", table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        table: TableRef,
    ) -> Result<DescribeTableReplicaAutoScalingOutput, ApiError> {
        let table = control_table_name::find(cx, &table).await?;
        let members = members(cx, &table)?;
        let description = description(cx, &table, &members).await?;
        Ok(DescribeTableReplicaAutoScalingOutput { table_auto_scaling_description: Some(description) })
    }
}
