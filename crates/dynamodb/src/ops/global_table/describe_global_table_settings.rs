//! DescribeGlobalTableSettings: how the replicas of a global table of version 2017.11.29 are paid for, and how they
//! scale. Where a peer that hosts some of them is out of reach, that is the answer: nobody else knows their settings.

use crate::errors;
use crate::legacy_global_table as legacy;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeGlobalTableSettings, DescribeGlobalTableSettingsInput, DescribeGlobalTableSettingsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;

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
        cx: &Cx<'_, DynamoDb>,
        input: DescribeGlobalTableSettingsInput,
    ) -> Result<DescribeGlobalTableSettingsOutput, ApiError> {
        let name = input.global_table_name.unwrap_or_default();
        let members = legacy::members(cx, &name).ok_or_else(|| errors::no_global_table_settings(&name))?;
        let replica_settings = Some(legacy::all_settings(cx, &members, BTreeMap::new()).await?);
        Ok(DescribeGlobalTableSettingsOutput { global_table_name: Some(name), replica_settings })
    }
}
