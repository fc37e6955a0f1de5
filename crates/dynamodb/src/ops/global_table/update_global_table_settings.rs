//! UpdateGlobalTableSettings: capacity of all replicas of a global table of version 2017.11.29. This server has no such
//! change yet; UpdateTable in each region does the same.

use crate::errors;
use crate::legacy_global_table as legacy;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    UpdateGlobalTableSettings, UpdateGlobalTableSettingsInput, UpdateGlobalTableSettingsOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for UpdateGlobalTableSettings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateGlobalTableSettingsInput> = Validation::MODEL;
    type Plan = UpdateGlobalTableSettingsInput;

    fn check(input: UpdateGlobalTableSettingsInput) -> Result<UpdateGlobalTableSettingsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &UpdateGlobalTableSettingsInput) -> Access<'static> {
        super::access(cx, "dynamodb:UpdateGlobalTableSettings", input.global_table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: UpdateGlobalTableSettingsInput,
    ) -> Result<UpdateGlobalTableSettingsOutput, ApiError> {
        let name = input.global_table_name.unwrap_or_default();
        legacy::members(cx, &name).ok_or_else(|| errors::no_global_table_settings(&name))?;
        Err(errors::not_built("UpdateGlobalTableSettings"))
    }
}
