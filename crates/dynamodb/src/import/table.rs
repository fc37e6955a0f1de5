//! The table of an import: TableCreationParameters as CreateTable has them, and back from what is kept.

use super::document::Import;
use crate::table_settings;
use crate::transfer::Transfer;
use engine::NewTable;
use engine::table::Restore;
use model::dynamodb::{CreateTableInput, TableCreationParameters};

/// What CreateTable would be asked for.
pub fn as_create_table(parameters: TableCreationParameters) -> CreateTableInput {
    CreateTableInput {
        table_name: parameters.table_name,
        attribute_definitions: parameters.attribute_definitions,
        key_schema: parameters.key_schema,
        billing_mode: parameters.billing_mode,
        provisioned_throughput: parameters.provisioned_throughput,
        on_demand_throughput: parameters.on_demand_throughput,
        sse_specification: parameters.sse_specification,
        global_secondary_indexes: parameters.global_secondary_indexes,
        vector_indexes: parameters.vector_indexes,
        ..CreateTableInput::default()
    }
}

/// The parameters that are kept of an import; `None` where they cannot be read.
pub fn parameters(import: &Import) -> Option<TableCreationParameters> {
    wire::json::decode(import.parameters.as_bytes()).ok()
}

/// The table, which shows as being created until the import has ended.
pub(super) fn new_table(import: &Import, now_micros: u64) -> Option<NewTable> {
    let input = as_create_table(parameters(import)?);
    let definitions = table_settings::definitions(input.attribute_definitions.as_deref().unwrap_or_default());
    let mut settings = table_settings::settings(&input, now_micros, 0);
    settings.restore = Some(Restore::by_import(import.table_uuid.clone()));
    Some(NewTable {
        scope: import.scope(),
        key: table_settings::key_schema(input.key_schema.as_deref().unwrap_or_default(), &definitions),
        indexes: table_settings::indexes(&input, &definitions),
        attribute_definitions: definitions,
        settings,
        name: import.table_name.clone(),
    })
}
