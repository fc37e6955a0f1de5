//! The rows of DynamoDB Streams, none of which is built. Here until the service has a crate of its own.

use pipeline::{Entry, Service, planned};

/// DynamoDB Streams.
pub(crate) struct Streams;

impl Service for Streams {
    const TARGET_PREFIX: &'static str = "DynamoDBStreams_20120810";
}

/// Its operations.
pub(crate) static OPS: &[Entry<Streams>] =
    &[planned("DescribeStream"), planned("GetRecords"), planned("GetShardIterator"), planned("ListStreams")];
