//! The table of operations: every operation of the service once, built or planned.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_retention_policy;
mod tag_log_group;
mod tag_resource;
mod untag_log_group;
mod untag_resource;

use crate::errors;
use crate::service::CloudWatchLogs;
use model::logs::{
    CreateLogGroup, CreateLogStream, DeleteLogGroup, DeleteLogStream, DeleteRetentionPolicy,
    DescribeLogGroups, DescribeLogStreams, FilterLogEvents, GetLogEvents, ListTagsForResource,
    ListTagsLogGroup, PutLogEvents, PutRetentionPolicy, TagLogGroup, TagResource, UntagLogGroup,
    UntagResource,
};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Entry, document_entry, planned};

/// Tags of a group.
const TAGS_MAX: usize = 50;

/// The constraints of the model, under the code that this service has for them.
fn constraints(input: &impl Constraints) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    input.violations(&mut violations);
    refuse(&violations).map_err(errors::of_constraints)
}

/// The operations of CloudWatch Logs.
pub static OPERATIONS: [Entry<CloudWatchLogs>; 118] = [
    document_entry::<_, CreateLogGroup>(),
    document_entry::<_, DescribeLogGroups>(),
    document_entry::<_, DeleteLogGroup>(),
    document_entry::<_, CreateLogStream>(),
    document_entry::<_, DescribeLogStreams>(),
    document_entry::<_, DeleteLogStream>(),
    document_entry::<_, PutLogEvents>(),
    document_entry::<_, GetLogEvents>(),
    document_entry::<_, FilterLogEvents>(),
    document_entry::<_, PutRetentionPolicy>(),
    document_entry::<_, DeleteRetentionPolicy>(),
    document_entry::<_, TagLogGroup>(),
    document_entry::<_, UntagLogGroup>(),
    document_entry::<_, ListTagsLogGroup>(),
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListTagsForResource>(),
    planned("AssociateKmsKey"),
    planned("AssociateSourceToS3TableIntegration"),
    planned("CancelExportTask"),
    planned("CancelImportTask"),
    planned("CreateDelivery"),
    planned("CreateExportTask"),
    planned("CreateImportTask"),
    planned("CreateLogAnomalyDetector"),
    planned("CreateLookupTable"),
    planned("CreateScheduledQuery"),
    planned("DeleteAccountPolicy"),
    planned("DeleteDataProtectionPolicy"),
    planned("DeleteDelivery"),
    planned("DeleteDeliveryDestination"),
    planned("DeleteDeliveryDestinationPolicy"),
    planned("DeleteDeliverySource"),
    planned("DeleteDestination"),
    planned("DeleteIndexPolicy"),
    planned("DeleteIntegration"),
    planned("DeleteLogAnomalyDetector"),
    planned("DeleteLookupTable"),
    planned("DeleteMetricFilter"),
    planned("DeleteQueryDefinition"),
    planned("DeleteResourcePolicy"),
    planned("DeleteScheduledQuery"),
    planned("DeleteSubscriptionFilter"),
    planned("DeleteSyslogConfiguration"),
    planned("DeleteTransformer"),
    planned("DescribeAccountPolicies"),
    planned("DescribeConfigurationTemplates"),
    planned("DescribeDeliveries"),
    planned("DescribeDeliveryDestinations"),
    planned("DescribeDeliverySources"),
    planned("DescribeDestinations"),
    planned("DescribeExportTasks"),
    planned("DescribeFieldIndexes"),
    planned("DescribeImportTaskBatches"),
    planned("DescribeImportTasks"),
    planned("DescribeIndexPolicies"),
    planned("DescribeLookupTables"),
    planned("DescribeMetricFilters"),
    planned("DescribeQueries"),
    planned("DescribeQueryDefinitions"),
    planned("DescribeResourcePolicies"),
    planned("DescribeSubscriptionFilters"),
    planned("DisassociateKmsKey"),
    planned("DisassociateSourceFromS3TableIntegration"),
    planned("GetDataProtectionPolicy"),
    planned("GetDelivery"),
    planned("GetDeliveryDestination"),
    planned("GetDeliveryDestinationPolicy"),
    planned("GetDeliverySource"),
    planned("GetIntegration"),
    planned("GetLogAnomalyDetector"),
    planned("GetLogFields"),
    planned("GetLogGroupFields"),
    planned("GetLogObject"),
    planned("GetLogRecord"),
    planned("GetLookupTable"),
    planned("GetQueryResults"),
    planned("GetScheduledQuery"),
    planned("GetScheduledQueryHistory"),
    planned("GetStorageTierPolicy"),
    planned("GetTransformer"),
    planned("ListAggregateLogGroupSummaries"),
    planned("ListAnomalies"),
    planned("ListIntegrations"),
    planned("ListLogAnomalyDetectors"),
    planned("ListLogGroups"),
    planned("ListLogGroupsForQuery"),
    planned("ListScheduledQueries"),
    planned("ListSourcesForS3TableIntegration"),
    planned("ListSyslogConfigurations"),
    planned("PutAccountPolicy"),
    planned("PutBearerTokenAuthentication"),
    planned("PutDataProtectionPolicy"),
    planned("PutDeliveryDestination"),
    planned("PutDeliveryDestinationPolicy"),
    planned("PutDeliverySource"),
    planned("PutDestination"),
    planned("PutDestinationPolicy"),
    planned("PutIndexPolicy"),
    planned("PutIntegration"),
    planned("PutLogGroupDeletionProtection"),
    planned("PutMetricFilter"),
    planned("PutQueryDefinition"),
    planned("PutResourcePolicy"),
    planned("PutStorageTierPolicy"),
    planned("PutSubscriptionFilter"),
    planned("PutSyslogConfiguration"),
    planned("PutTransformer"),
    planned("StartLiveTail"),
    planned("StartQuery"),
    planned("StopQuery"),
    planned("TestMetricFilter"),
    planned("TestTransformer"),
    planned("UpdateAnomaly"),
    planned("UpdateDeliveryConfiguration"),
    planned("UpdateLogAnomalyDetector"),
    planned("UpdateLookupTable"),
    planned("UpdateScheduledQuery"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::logs::OPERATIONS);
    }
}
