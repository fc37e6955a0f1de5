//! DescribeGlobalTableSettings: capacity of a global table of version 2017.11.29, of which there is none.

use crate::errors;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeGlobalTableSettings, DescribeGlobalTableSettingsInput, DescribeGlobalTableSettingsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeGlobalTableSettings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeGlobalTableSettingsInput> = Validation::MODEL;
    type Plan = DescribeGlobalTableSettingsInput;

    fn check(input: DescribeGlobalTableSettingsInput) -> Result<DescribeGlobalTableSettingsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &DescribeGlobalTableSettingsInput) -> Access<'static> {
        super::access(cx, "dynamodb:DescribeGlobalTableSettings", input.global_table_name.as_deref())
    }

    async fn run(
        _: &Cx<'_, DynamoDb>,
        input: DescribeGlobalTableSettingsInput,
    ) -> Result<DescribeGlobalTableSettingsOutput, ApiError> {
        Err(errors::no_global_table_settings(input.global_table_name.as_deref().unwrap_or_default()))
    }
}
