//! Texts of DynamoDB Streams.

use super::codes;
use super::store_error;
use engine::stream::ShardReadError;
use model::{ApiError, Violation};

/// No stream of this ARN.
pub fn stream_not_found(arn: &str) -> ApiError {
    let text = format!("Requested resource not found: Stream: {arn} not found");
    ApiError::new(codes::RESOURCE_NOT_FOUND, text)
}

/// No such shard in the stream, or no longer.
pub fn shard_not_found() -> ApiError {
    ApiError::new(codes::RESOURCE_NOT_FOUND, "Requested resource not found: Shard does not exist")
}

/// Not the ARN of a stream.
pub fn invalid_stream_arn() -> ApiError {
    ApiError::validation("Invalid StreamArn")
}

/// A filter of shards without both its members.
pub fn incomplete_shard_filter() -> ApiError {
    ApiError::validation("Invalid ShardFilter: both Type and ShardId must be specified")
}

/// A number that no record of the shard can have.
pub fn invalid_sequence_number() -> ApiError {
    ApiError::validation("Invalid SequenceNumber for the shard")
}

/// An iterator that this server has not made.
pub fn invalid_shard_iterator() -> ApiError {
    ApiError::validation("Invalid ShardIterator")
}

/// An iterator that is older than 15 minutes.
pub fn expired_iterator() -> ApiError {
    ApiError::new(
        codes::EXPIRED_ITERATOR,
        "Iterator expired. An iterator can be used for 15 minutes after it was returned.",
    )
}

/// Records that are older than 24 hours.
pub fn trimmed_data_access() -> ApiError {
    ApiError::new(
        codes::TRIMMED_DATA_ACCESS,
        "The operation attempted to read past the oldest stream record in a shard.",
    )
}

/// A time to begin at that has not come yet.
pub fn timestamp_in_the_future() -> ApiError {
    ApiError::validation("Invalid Timestamp: it must not be in the future")
}

/// A page larger than there are.
pub fn limit_at_most(limit: Option<i64>, max: i64) -> Option<Violation> {
    let limit = limit.filter(|limit| *limit > max)?;
    let constraint = super::value_at_most(max);
    Some(Violation { path: "limit".to_owned(), value: Some(format!("'{limit}'")), constraint })
}

/// What a failed read of a shard answers.
pub fn shard_read_error(error: ShardReadError) -> ApiError {
    match error {
        ShardReadError::NotFound => shard_not_found(),
        ShardReadError::Trimmed => trimmed_data_access(),
        ShardReadError::Store(error) => store_error(&error),
    }
}
