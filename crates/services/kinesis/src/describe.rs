//! Streams and shards as answers show them.

use crate::sequence_number;
use crate::stream::{HashRange, Shard, Stream, shard_id};
use model::kinesis as shapes;

/// A time in microseconds as seconds, which the API shows to the millisecond.
pub(crate) fn seconds(micros: u64) -> f64 {
    (micros / 1_000) as f64 / 1_000.0
}

/// A time in seconds in microseconds; before the Unix epoch is at it.
pub(crate) fn micros(seconds: f64) -> u64 {
    (seconds * 1_000_000.0).round() as u64
}

/// A shard.
pub(crate) fn shard(shard: &Shard) -> shapes::Shard {
    shapes::Shard {
        shard_id: Some(shard.id()),
        parent_shard_id: shard.parent.map(shard_id),
        adjacent_parent_shard_id: shard.adjacent_parent.map(shard_id),
        hash_key_range: Some(hash_key_range(shard.range)),
        sequence_number_range: Some(shapes::SequenceNumberRange {
            starting_sequence_number: Some(sequence_number::starting(shard)),
            ending_sequence_number: (!shard.is_open()).then(|| sequence_number::ending(shard)),
        }),
    }
}

/// The shards that go on where a closed one ended.
pub(crate) fn children(stream: &Stream, parent: &Shard) -> Vec<shapes::ChildShard> {
    let is_child = |shard: &&Shard| shard.parents().any(|number| number == parent.number);
    let child = |shard: &Shard| shapes::ChildShard {
        shard_id: Some(shard.id()),
        parent_shards: Some(shard.parents().map(shard_id).collect()),
        hash_key_range: Some(hash_key_range(shard.range)),
    };
    stream.shards.iter().filter(is_child).map(child).collect()
}

fn hash_key_range(range: HashRange) -> shapes::HashKeyRange {
    shapes::HashKeyRange {
        starting_hash_key: Some(range.first.to_string()),
        ending_hash_key: Some(range.last.to_string()),
    }
}

/// The mode.
pub(crate) fn mode(stream: &Stream) -> shapes::StreamModeDetails {
    shapes::StreamModeDetails { stream_mode: Some(stream.mode.name().to_owned()) }
}

/// How it is described as encrypted.
pub(crate) fn encryption(stream: &Stream) -> Option<String> {
    let kind = if stream.encryption_key.is_some() { "KMS" } else { "NONE" };
    Some(kind.to_owned())
}

/// The same for a record, which shows nothing where there is none.
pub(crate) fn record_encryption(stream: &Stream) -> Option<String> {
    stream.encryption_key.as_ref().map(|_| "KMS".to_owned())
}

/// The metrics that are kept for each shard.
pub(crate) fn monitoring(stream: &Stream) -> Vec<shapes::EnhancedMetrics> {
    let metrics = stream.shard_level_metrics.iter().cloned().collect();
    vec![shapes::EnhancedMetrics { shard_level_metrics: Some(metrics) }]
}
