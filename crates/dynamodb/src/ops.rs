//! The table of operations: every operation of the service once, built or planned. Routes, figures, the access
//! log and the coverage page are read from it; a test compares it with the model's list.

mod backup {
    mod create_backup;
    mod delete_backup;
    mod describe_backup;
    mod describe_continuous_backups;
    mod list_backups;
    mod restore_table_from_backup;
    mod restore_table_to_point_in_time;
    mod update_continuous_backups;
}
mod batch {
    mod batch_get_item;
    mod batch_write_item;
}
mod bulk_put {
    mod cancel_bulk_operation;
    mod describe_bulk_operation;
    mod list_bulk_operations;
    mod start_bulk_put_items;
}
mod export {
    mod describe_export;
    mod export_table_to_point_in_time;
    mod list_exports;
}
mod global_table {
    mod create_global_table;
    mod describe_global_table;
    mod describe_global_table_settings;
    mod list_global_tables;
    mod update_global_table;
    mod update_global_table_settings;

    use crate::service::DynamoDb;
    use pipeline::{Access, Cx, Need};

    /// An action on a global table of version 2017.11.29, which is in no region.
    fn access(cx: &Cx<'_, DynamoDb>, action: &'static str, name: Option<&str>) -> Access<'static> {
        let (account, name) = (&cx.caller.account, name.unwrap_or_default());
        Need::new(action, format!("arn:aws:dynamodb::{account}:global-table/{name}")).into()
    }
}
mod import {
    mod describe_import;
    mod import_table;
    mod list_imports;
}
mod insights {
    mod describe_contributor_insights;
    mod list_contributor_insights;
    mod update_contributor_insights;
}
mod item {
    mod delete_item;
    mod get_item;
    mod put_item;
    mod update_item;
}
mod kinesis {
    mod describe_kinesis_streaming_destination;
    mod disable_kinesis_streaming_destination;
    mod enable_kinesis_streaming_destination;
    mod update_kinesis_streaming_destination;
}
mod query {
    #[expect(clippy::module_inception, reason = "the group has the name of its first operation")]
    mod query;
    mod scan;
}
mod stream {
    mod describe_stream;
    mod get_records;
    mod get_shard_iterator;
    mod list_streams;
}
mod partiql {
    mod batch_execute_statement;
    mod execute_statement;
    mod execute_transaction;
}
mod policy {
    mod delete_resource_policy;
    mod get_resource_policy;
    mod put_resource_policy;
}
mod reserved_capacity {
    mod describe_reserved_capacity;
    mod describe_reserved_capacity_offerings;
    mod page;
    mod purchase_reserved_capacity_offerings;
}
pub(crate) mod table {
    mod create_table;
    mod delete_table;
    mod describe_endpoints;
    mod describe_limits;
    mod describe_table;
    mod describe_table_replica_auto_scaling;
    mod describe_time_to_live;
    mod list_tables;
    mod list_tags_of_resource;
    mod tag_resource;
    mod untag_resource;
    pub(crate) mod update_table;
    mod update_table_replica_auto_scaling;
    mod update_time_to_live;
}
mod transact {
    mod transact_get_items;
    mod transact_write_items;
}

use crate::service::{DynamoDb, DynamoDbStreams};
use model::dynamodb::*;
use model::dynamodb_streams as streams;
use pipeline::{Entry, entry, planned};

/// DynamoDB's operations.
pub static OPERATIONS: [Entry<DynamoDb>; 65] = [
    // Items
    entry::<_, PutItem>(),
    entry::<_, GetItem>(),
    entry::<_, UpdateItem>(),
    entry::<_, DeleteItem>(),
    // Batches
    entry::<_, BatchGetItem>(),
    entry::<_, BatchWriteItem>(),
    // Ranges
    entry::<_, Query>(),
    entry::<_, Scan>(),
    // Transactions
    entry::<_, TransactWriteItems>(),
    entry::<_, TransactGetItems>(),
    // PartiQL
    entry::<_, ExecuteStatement>(),
    entry::<_, BatchExecuteStatement>(),
    entry::<_, ExecuteTransaction>(),
    // Vectors
    planned("SearchVectors"),
    // Tables
    entry::<_, CreateTable>(),
    entry::<_, DescribeTable>(),
    entry::<_, ListTables>(),
    entry::<_, UpdateTable>(),
    entry::<_, DeleteTable>(),
    entry::<_, DescribeLimits>(),
    entry::<_, DescribeEndpoints>(),
    // Settings of tables
    entry::<_, UpdateTimeToLive>(),
    entry::<_, DescribeTimeToLive>(),
    entry::<_, TagResource>(),
    entry::<_, UntagResource>(),
    entry::<_, ListTagsOfResource>(),
    entry::<_, PutResourcePolicy>(),
    entry::<_, GetResourcePolicy>(),
    entry::<_, DeleteResourcePolicy>(),
    entry::<_, UpdateContributorInsights>(),
    entry::<_, DescribeContributorInsights>(),
    entry::<_, ListContributorInsights>(),
    // Capacity paid in advance, which public models do not have
    entry::<_, PurchaseReservedCapacityOfferings>(),
    entry::<_, DescribeReservedCapacity>(),
    entry::<_, DescribeReservedCapacityOfferings>(),
    // Backups and restores
    entry::<_, CreateBackup>(),
    entry::<_, DescribeBackup>(),
    entry::<_, ListBackups>(),
    entry::<_, DeleteBackup>(),
    entry::<_, RestoreTableFromBackup>(),
    entry::<_, RestoreTableToPointInTime>(),
    entry::<_, UpdateContinuousBackups>(),
    entry::<_, DescribeContinuousBackups>(),
    // Import, export, bulk
    entry::<_, ImportTable>(),
    entry::<_, DescribeImport>(),
    entry::<_, ListImports>(),
    entry::<_, ExportTableToPointInTime>(),
    entry::<_, DescribeExport>(),
    entry::<_, ListExports>(),
    entry::<_, StartBulkPutItems>(),
    entry::<_, DescribeBulkOperation>(),
    entry::<_, ListBulkOperations>(),
    entry::<_, CancelBulkOperation>(),
    // Global tables
    entry::<_, CreateGlobalTable>(),
    entry::<_, UpdateGlobalTable>(),
    entry::<_, DescribeGlobalTable>(),
    entry::<_, ListGlobalTables>(),
    entry::<_, DescribeGlobalTableSettings>(),
    entry::<_, UpdateGlobalTableSettings>(),
    entry::<_, DescribeTableReplicaAutoScaling>(),
    entry::<_, UpdateTableReplicaAutoScaling>(),
    // Kinesis
    entry::<_, EnableKinesisStreamingDestination>(),
    entry::<_, DisableKinesisStreamingDestination>(),
    entry::<_, UpdateKinesisStreamingDestination>(),
    entry::<_, DescribeKinesisStreamingDestination>(),
];

/// The operations of DynamoDB Streams.
pub static STREAMS_OPERATIONS: [Entry<DynamoDbStreams>; 4] = [
    entry::<_, streams::ListStreams>(),
    entry::<_, streams::DescribeStream>(),
    entry::<_, streams::GetShardIterator>(),
    entry::<_, streams::GetRecords>(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_the_models_lists() {
        check(OPERATIONS.iter().map(|row| row.name), model::dynamodb::OPERATIONS);
        check(STREAMS_OPERATIONS.iter().map(|row| row.name), model::dynamodb_streams::OPERATIONS);
    }

    fn check(ours: impl Iterator<Item = &'static str>, theirs: &[&'static str]) {
        let mut ours: Vec<_> = ours.collect();
        ours.sort_unstable();
        assert_eq!(ours, theirs);
    }
}
