//! ListGlobalTables: the global tables of version 2017.11.29, of which there are none.

use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{ListGlobalTables, ListGlobalTablesInput, ListGlobalTablesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for ListGlobalTables {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGlobalTablesInput> = Validation::MODEL;
    type Plan = ListGlobalTablesInput;

    fn check(input: ListGlobalTablesInput) -> Result<ListGlobalTablesInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &ListGlobalTablesInput) -> Access<'static> {
        crate::access::everything("dynamodb:ListGlobalTables")
    }

    async fn run(_: &Cx<'_, DynamoDb>, _: ListGlobalTablesInput) -> Result<ListGlobalTablesOutput, ApiError> {
        Ok(ListGlobalTablesOutput { global_tables: Some(Vec::new()), last_evaluated_global_table_name: None })
    }
}
