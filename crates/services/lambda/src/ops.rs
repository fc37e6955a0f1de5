//! The table of operations: every operation of the service once, built or planned.

mod create_event_source_mapping;
mod create_function;
mod delete_event_source_mapping;
mod delete_function;
mod get_event_source_mapping;
mod get_function;
mod list_event_source_mappings;
mod list_functions;
mod update_event_source_mapping;

use crate::service::Lambda;
use model::lambda::{
    CreateEventSourceMapping, CreateFunction, DeleteEventSourceMapping, DeleteFunction,
    GetEventSourceMapping, GetFunction, ListEventSourceMappings, ListFunctions, UpdateEventSourceMapping,
};
use pipeline::{Entry, document_entry, planned};

/// Lambda's operations.
pub static OPERATIONS: [Entry<Lambda>; 91] = [
    document_entry::<_, CreateFunction>(),
    document_entry::<_, GetFunction>(),
    document_entry::<_, DeleteFunction>(),
    document_entry::<_, ListFunctions>(),
    // Event source mappings
    document_entry::<_, CreateEventSourceMapping>(),
    document_entry::<_, GetEventSourceMapping>(),
    document_entry::<_, ListEventSourceMappings>(),
    document_entry::<_, UpdateEventSourceMapping>(),
    document_entry::<_, DeleteEventSourceMapping>(),
    planned("AddLayerVersionPermission"),
    planned("AddPermission"),
    planned("CheckpointDurableExecution"),
    planned("CreateAlias"),
    planned("CreateCapacityProvider"),
    planned("CreateCodeSigningConfig"),
    planned("CreateFunctionUrlConfig"),
    planned("DeleteAlias"),
    planned("DeleteCapacityProvider"),
    planned("DeleteCodeSigningConfig"),
    planned("DeleteDurableExecution"),
    planned("DeleteFunctionCodeSigningConfig"),
    planned("DeleteFunctionConcurrency"),
    planned("DeleteFunctionEventInvokeConfig"),
    planned("DeleteFunctionUrlConfig"),
    planned("DeleteLayerVersion"),
    planned("DeleteProvisionedConcurrencyConfig"),
    planned("DeleteResourcePolicy"),
    planned("GetAccountSettings"),
    planned("GetAlias"),
    planned("GetCapacityProvider"),
    planned("GetCodeSigningConfig"),
    planned("GetDurableExecution"),
    planned("GetDurableExecutionHistory"),
    planned("GetDurableExecutionState"),
    planned("GetFunctionCodeSigningConfig"),
    planned("GetFunctionConcurrency"),
    planned("GetFunctionConfiguration"),
    planned("GetFunctionEventInvokeConfig"),
    planned("GetFunctionRecursionConfig"),
    planned("GetFunctionScalingConfig"),
    planned("GetFunctionUrlConfig"),
    planned("GetLayerVersion"),
    planned("GetLayerVersionByArn"),
    planned("GetLayerVersionPolicy"),
    planned("GetPolicy"),
    planned("GetProvisionedConcurrencyConfig"),
    planned("GetResourcePolicy"),
    planned("GetRuntimeManagementConfig"),
    planned("Invoke"),
    planned("InvokeAsync"),
    planned("InvokeWithResponseStream"),
    planned("ListAliases"),
    planned("ListCapacityProviders"),
    planned("ListCodeSigningConfigs"),
    planned("ListDurableExecutionsByFunction"),
    planned("ListFunctionEventInvokeConfigs"),
    planned("ListFunctionUrlConfigs"),
    planned("ListFunctionVersionsByCapacityProvider"),
    planned("ListFunctionsByCodeSigningConfig"),
    planned("ListLayerVersions"),
    planned("ListLayers"),
    planned("ListProvisionedConcurrencyConfigs"),
    planned("ListTags"),
    planned("ListVersionsByFunction"),
    planned("PauseDurableExecution"),
    planned("PublishLayerVersion"),
    planned("PublishVersion"),
    planned("PutFunctionCodeSigningConfig"),
    planned("PutFunctionConcurrency"),
    planned("PutFunctionEventInvokeConfig"),
    planned("PutFunctionRecursionConfig"),
    planned("PutFunctionScalingConfig"),
    planned("PutProvisionedConcurrencyConfig"),
    planned("PutResourcePolicy"),
    planned("PutRuntimeManagementConfig"),
    planned("RemoveLayerVersionPermission"),
    planned("RemovePermission"),
    planned("ResumeDurableExecution"),
    planned("SendDurableExecutionCallbackFailure"),
    planned("SendDurableExecutionCallbackHeartbeat"),
    planned("SendDurableExecutionCallbackSuccess"),
    planned("StopDurableExecution"),
    planned("TagResource"),
    planned("UntagResource"),
    planned("UpdateAlias"),
    planned("UpdateCapacityProvider"),
    planned("UpdateCodeSigningConfig"),
    planned("UpdateFunctionCode"),
    planned("UpdateFunctionConfiguration"),
    planned("UpdateFunctionEventInvokeConfig"),
    planned("UpdateFunctionUrlConfig"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::lambda::OPERATIONS);
    }
}
