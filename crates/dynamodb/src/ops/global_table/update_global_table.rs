//! UpdateGlobalTable: replicas of a global table of version 2017.11.29, of which there is none.
//!
//! Order of refusals: constraints → no update → a new replica → no such global table.

use crate::errors;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{UpdateGlobalTable, UpdateGlobalTableInput, UpdateGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for UpdateGlobalTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateGlobalTableInput> = Validation::MODEL;
    type Plan = UpdateGlobalTableInput;

    fn check(input: UpdateGlobalTableInput) -> Result<UpdateGlobalTableInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &UpdateGlobalTableInput) -> Access<'static> {
        super::access(cx, "dynamodb:UpdateGlobalTable", input.global_table_name.as_deref())
    }

    async fn run(
        _: &Cx<'_, DynamoDb>,
        input: UpdateGlobalTableInput,
    ) -> Result<UpdateGlobalTableOutput, ApiError> {
        let updates = input.replica_updates.unwrap_or_default();
        if updates.is_empty() {
            return Err(ApiError::validation("One or more parameter values were invalid"));
        }
        if updates.iter().any(|update| update.create.is_some()) {
            return Err(errors::legacy_version());
        }
        Err(errors::global_table_not_found(input.global_table_name.as_deref().unwrap_or_default()))
    }
}
