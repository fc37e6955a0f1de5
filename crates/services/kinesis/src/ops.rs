//! The table of operations: every operation of the service once, built or planned.

mod create_stream;
mod delete_stream;
mod describe_stream;
mod describe_stream_summary;
mod get_records;
mod get_shard_iterator;
mod list_shards;
mod list_streams;
mod new_record;
mod put_record;
mod put_records;

use crate::service::Kinesis;
use model::kinesis::*;
use pipeline::{Entry, document_entry, planned};

/// Kinesis's operations.
pub static OPERATIONS: [Entry<Kinesis>; 57] = [
    document_entry::<_, CreateStream>(),
    document_entry::<_, DescribeStream>(),
    document_entry::<_, DescribeStreamSummary>(),
    document_entry::<_, ListStreams>(),
    document_entry::<_, DeleteStream>(),
    document_entry::<_, ListShards>(),
    document_entry::<_, GetShardIterator>(),
    document_entry::<_, GetRecords>(),
    document_entry::<_, PutRecord>(),
    document_entry::<_, PutRecords>(),
    planned("AcknowledgeDeadLetterQueueRecords"),
    planned("AcknowledgeQueueRecords"),
    planned("AddTagsToStream"),
    planned("CreateChannel"),
    planned("CreateQueue"),
    planned("DecreaseStreamRetentionPeriod"),
    planned("DeleteChannel"),
    planned("DeleteQueue"),
    planned("DeleteResourcePolicy"),
    planned("DeregisterStreamConsumer"),
    planned("DescribeAccountSettings"),
    planned("DescribeChannel"),
    planned("DescribeLimits"),
    planned("DescribeQueue"),
    planned("DescribeStreamConsumer"),
    planned("DisableEnhancedMonitoring"),
    planned("EnableEnhancedMonitoring"),
    planned("GetResourcePolicy"),
    planned("IncreaseStreamRetentionPeriod"),
    planned("ListChannels"),
    planned("ListQueues"),
    planned("ListStreamConsumers"),
    planned("ListTagsForResource"),
    planned("ListTagsForStream"),
    planned("MergeShards"),
    planned("PutResourcePolicy"),
    planned("ReceiveDeadLetterQueueRecords"),
    planned("ReceiveQueueRecords"),
    planned("RegisterStreamConsumer"),
    planned("RemoveTagsFromStream"),
    planned("RestoreDeadLetterQueueRecords"),
    planned("SplitShard"),
    planned("StartStreamEncryption"),
    planned("StopStreamEncryption"),
    planned("SubscribeToShard"),
    planned("TagResource"),
    planned("UntagResource"),
    planned("UpdateAccountSettings"),
    planned("UpdateChannel"),
    planned("UpdateDeadLetterQueueRecordsVisibility"),
    planned("UpdateMaxRecordSize"),
    planned("UpdateQueue"),
    planned("UpdateQueueRecordsVisibility"),
    planned("UpdateShardCount"),
    planned("UpdateStreamMode"),
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
