//! DescribeGlobalTable: a global table of version 2017.11.29. Those of version 2019.11.21 are described by
//! DescribeTable alone.

use crate::errors;
use crate::legacy_global_table as legacy;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeGlobalTable, DescribeGlobalTableInput, DescribeGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeGlobalTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeGlobalTableInput> = Validation::MODEL;
    type Plan = DescribeGlobalTableInput;

    fn check(input: DescribeGlobalTableInput) -> Result<DescribeGlobalTableInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &DescribeGlobalTableInput) -> Access<'static> {
        super::access(cx, "dynamodb:DescribeGlobalTable", input.global_table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: DescribeGlobalTableInput,
    ) -> Result<DescribeGlobalTableOutput, ApiError> {
        let name = input.global_table_name.unwrap_or_default();
        let members = legacy::members(cx, &name).ok_or_else(|| errors::global_table_not_found(&name))?;
        let description = legacy::description(cx, &name, &members);
        Ok(DescribeGlobalTableOutput { global_table_description: Some(description) })
    }
}
