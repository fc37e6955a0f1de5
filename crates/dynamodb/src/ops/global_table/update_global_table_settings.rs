//! UpdateGlobalTableSettings: capacity of a global table of version 2017.11.29, of which there is none.

use crate::errors;
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
        _: &Cx<'_, DynamoDb>,
        input: UpdateGlobalTableSettingsInput,
    ) -> Result<UpdateGlobalTableSettingsOutput, ApiError> {
        Err(errors::no_global_table_settings(input.global_table_name.as_deref().unwrap_or_default()))
    }
}
