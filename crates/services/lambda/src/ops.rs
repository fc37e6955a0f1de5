//! The table of operations: every operation of the service once, built or planned.

mod add_permission;
mod create_alias;
mod create_event_source_mapping;
mod create_function;
mod delete_alias;
mod delete_event_source_mapping;
mod delete_function;
mod delete_function_concurrency;
mod delete_function_event_invoke_config;
mod get_alias;
mod get_event_source_mapping;
mod get_function;
mod get_function_code_signing_config;
mod get_function_concurrency;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_policy;
mod invoke;
mod list_aliases;
mod list_event_source_mappings;
mod list_function_event_invoke_configs;
mod list_functions;
mod list_tags;
mod list_versions_by_function;
mod publish_version;
mod put_function_concurrency;
mod put_function_event_invoke_config;
mod remove_permission;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_event_source_mapping;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;

use crate::service::Lambda;
use model::lambda::{
    AddPermission, CreateAlias, CreateEventSourceMapping, CreateFunction, DeleteAlias,
    DeleteEventSourceMapping, DeleteFunction, DeleteFunctionConcurrency, DeleteFunctionEventInvokeConfig,
    GetAlias, GetEventSourceMapping, GetFunction, GetFunctionCodeSigningConfig, GetFunctionConcurrency,
    GetFunctionConfiguration, GetFunctionEventInvokeConfig, GetPolicy, Invoke, ListAliases,
    ListEventSourceMappings, ListFunctionEventInvokeConfigs, ListFunctions, ListTags, ListVersionsByFunction,
    PublishVersion, PutFunctionConcurrency, PutFunctionEventInvokeConfig, RemovePermission, TagResource,
    UntagResource, UpdateAlias, UpdateEventSourceMapping, UpdateFunctionCode, UpdateFunctionConfiguration,
    UpdateFunctionEventInvokeConfig,
};
use pipeline::{Entry, document_entry, planned};

/// Lambda's operations.
pub static OPERATIONS: [Entry<Lambda>; 91] = [
    // Functions
    document_entry::<_, CreateFunction>(),
    document_entry::<_, GetFunction>(),
    document_entry::<_, GetFunctionConfiguration>(),
    document_entry::<_, GetFunctionCodeSigningConfig>(),
    document_entry::<_, ListFunctions>(),
    document_entry::<_, UpdateFunctionCode>(),
    document_entry::<_, UpdateFunctionConfiguration>(),
    document_entry::<_, DeleteFunction>(),
    // Calls
    document_entry::<_, Invoke>(),
    document_entry::<_, PutFunctionConcurrency>(),
    document_entry::<_, GetFunctionConcurrency>(),
    document_entry::<_, DeleteFunctionConcurrency>(),
    document_entry::<_, PutFunctionEventInvokeConfig>(),
    document_entry::<_, GetFunctionEventInvokeConfig>(),
    document_entry::<_, ListFunctionEventInvokeConfigs>(),
    document_entry::<_, UpdateFunctionEventInvokeConfig>(),
    document_entry::<_, DeleteFunctionEventInvokeConfig>(),
    // Versions and aliases
    document_entry::<_, PublishVersion>(),
    document_entry::<_, ListVersionsByFunction>(),
    document_entry::<_, CreateAlias>(),
    document_entry::<_, GetAlias>(),
    document_entry::<_, ListAliases>(),
    document_entry::<_, UpdateAlias>(),
    document_entry::<_, DeleteAlias>(),
    // Permissions and tags
    document_entry::<_, AddPermission>(),
    document_entry::<_, GetPolicy>(),
    document_entry::<_, RemovePermission>(),
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListTags>(),
    // Event source mappings
    document_entry::<_, CreateEventSourceMapping>(),
    document_entry::<_, GetEventSourceMapping>(),
    document_entry::<_, ListEventSourceMappings>(),
    document_entry::<_, UpdateEventSourceMapping>(),
    document_entry::<_, DeleteEventSourceMapping>(),
    // Not built
    planned("AddLayerVersionPermission"),
    planned("CheckpointDurableExecution"),
    planned("CreateCapacityProvider"),
    planned("CreateCodeSigningConfig"),
    planned("CreateFunctionUrlConfig"),
    planned("DeleteCapacityProvider"),
    planned("DeleteCodeSigningConfig"),
    planned("DeleteDurableExecution"),
    planned("DeleteFunctionCodeSigningConfig"),
    planned("DeleteFunctionUrlConfig"),
    planned("DeleteLayerVersion"),
    planned("DeleteProvisionedConcurrencyConfig"),
    planned("DeleteResourcePolicy"),
    planned("GetAccountSettings"),
    planned("GetCapacityProvider"),
    planned("GetCodeSigningConfig"),
    planned("GetDurableExecution"),
    planned("GetDurableExecutionHistory"),
    planned("GetDurableExecutionState"),
    planned("GetFunctionRecursionConfig"),
    planned("GetFunctionScalingConfig"),
    planned("GetFunctionUrlConfig"),
    planned("GetLayerVersion"),
    planned("GetLayerVersionByArn"),
    planned("GetLayerVersionPolicy"),
    planned("GetProvisionedConcurrencyConfig"),
    planned("GetResourcePolicy"),
    planned("GetRuntimeManagementConfig"),
    planned("InvokeAsync"),
    planned("InvokeWithResponseStream"),
    planned("ListCapacityProviders"),
    planned("ListCodeSigningConfigs"),
    planned("ListDurableExecutionsByFunction"),
    planned("ListFunctionUrlConfigs"),
    planned("ListFunctionVersionsByCapacityProvider"),
    planned("ListFunctionsByCodeSigningConfig"),
    planned("ListLayerVersions"),
    planned("ListLayers"),
    planned("ListProvisionedConcurrencyConfigs"),
    planned("PauseDurableExecution"),
    planned("PublishLayerVersion"),
    planned("PutFunctionCodeSigningConfig"),
    planned("PutFunctionRecursionConfig"),
    planned("PutFunctionScalingConfig"),
    planned("PutProvisionedConcurrencyConfig"),
    planned("PutResourcePolicy"),
    planned("PutRuntimeManagementConfig"),
    planned("RemoveLayerVersionPermission"),
    planned("ResumeDurableExecution"),
    planned("SendDurableExecutionCallbackFailure"),
    planned("SendDurableExecutionCallbackHeartbeat"),
    planned("SendDurableExecutionCallbackSuccess"),
    planned("StopDurableExecution"),
    planned("UpdateCapacityProvider"),
    planned("UpdateCodeSigningConfig"),
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
