//! The table of operations: every operation of the service once, built or planned.

mod add_tags_to_stream;
mod create_stream;
mod decrease_stream_retention_period;
mod delete_stream;
mod deregister_stream_consumer;
mod describe_limits;
mod describe_stream;
mod describe_stream_consumer;
mod describe_stream_summary;
mod disable_enhanced_monitoring;
mod enable_enhanced_monitoring;
mod get_records;
mod get_shard_iterator;
mod increase_stream_retention_period;
mod list_shards;
mod list_stream_consumers;
mod list_streams;
mod list_tags_for_resource;
mod list_tags_for_stream;
mod merge_shards;
mod monitoring;
mod new_record;
mod put_record;
mod put_records;
mod register_stream_consumer;
mod remove_tags_from_stream;
mod retention;
mod split_shard;
mod start_stream_encryption;
mod stop_stream_encryption;
mod stream_change;
mod subscribe_to_shard;
mod tag_resource;
pub(crate) mod tags;
mod untag_resource;
mod update_max_record_size;
mod update_shard_count;
mod update_stream_mode;

use crate::service::Kinesis;
use model::kinesis::*;
use pipeline::{Entry, document_entry, planned};

/// Kinesis's operations.
pub static OPERATIONS: [Entry<Kinesis>; 57] = [
    // Streams
    document_entry::<_, CreateStream>(),
    document_entry::<_, DescribeStream>(),
    document_entry::<_, DescribeStreamSummary>(),
    document_entry::<_, ListStreams>(),
    document_entry::<_, DeleteStream>(),
    document_entry::<_, UpdateStreamMode>(),
    document_entry::<_, UpdateMaxRecordSize>(),
    document_entry::<_, IncreaseStreamRetentionPeriod>(),
    document_entry::<_, DecreaseStreamRetentionPeriod>(),
    document_entry::<_, StartStreamEncryption>(),
    document_entry::<_, StopStreamEncryption>(),
    document_entry::<_, EnableEnhancedMonitoring>(),
    document_entry::<_, DisableEnhancedMonitoring>(),
    document_entry::<_, DescribeLimits>(),
    // Shards
    document_entry::<_, ListShards>(),
    document_entry::<_, SplitShard>(),
    document_entry::<_, MergeShards>(),
    document_entry::<_, UpdateShardCount>(),
    // Records
    document_entry::<_, PutRecord>(),
    document_entry::<_, PutRecords>(),
    document_entry::<_, GetShardIterator>(),
    document_entry::<_, GetRecords>(),
    // Tags
    document_entry::<_, AddTagsToStream>(),
    document_entry::<_, RemoveTagsFromStream>(),
    document_entry::<_, ListTagsForStream>(),
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListTagsForResource>(),
    // Consumers
    document_entry::<_, RegisterStreamConsumer>(),
    document_entry::<_, DeregisterStreamConsumer>(),
    document_entry::<_, DescribeStreamConsumer>(),
    document_entry::<_, ListStreamConsumers>(),
    document_entry::<_, SubscribeToShard>(),
    // Not built
    planned("AcknowledgeDeadLetterQueueRecords"),
    planned("AcknowledgeQueueRecords"),
    planned("CreateChannel"),
    planned("CreateQueue"),
    planned("DeleteChannel"),
    planned("DeleteQueue"),
    planned("DeleteResourcePolicy"),
    planned("DescribeAccountSettings"),
    planned("DescribeChannel"),
    planned("DescribeQueue"),
    planned("GetResourcePolicy"),
    planned("ListChannels"),
    planned("ListQueues"),
    planned("PutResourcePolicy"),
    planned("ReceiveDeadLetterQueueRecords"),
    planned("ReceiveQueueRecords"),
    planned("RestoreDeadLetterQueueRecords"),
    planned("UpdateAccountSettings"),
    planned("UpdateChannel"),
    planned("UpdateDeadLetterQueueRecordsVisibility"),
    planned("UpdateQueue"),
    planned("UpdateQueueRecordsVisibility"),
    planned("UpdateStreamRecordDistributionStrategy"),
    planned("UpdateStreamWarmThroughput"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::kinesis::OPERATIONS);
    }
}
