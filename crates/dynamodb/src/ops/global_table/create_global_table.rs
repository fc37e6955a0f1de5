//! CreateGlobalTable: a global table of version 2017.11.29. DynamoDB makes no such table any more, and this is what it
//! answers whatever tables there are.

use crate::errors;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{CreateGlobalTable, CreateGlobalTableInput, CreateGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for CreateGlobalTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateGlobalTableInput> = Validation::MODEL;
    type Plan = CreateGlobalTableInput;

    fn check(input: CreateGlobalTableInput) -> Result<CreateGlobalTableInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &CreateGlobalTableInput) -> Access<'static> {
        super::access(cx, "dynamodb:CreateGlobalTable", input.global_table_name.as_deref())
    }

    async fn run(
        _: &Cx<'_, DynamoDb>,
        _: CreateGlobalTableInput,
    ) -> Result<CreateGlobalTableOutput, ApiError> {
        Err(errors::legacy_version())
    }
}
