//! A record as a producer sends it. Constraints that depend on the stream are worded as those of the model are.

use crate::errors::invalid_argument;
use crate::stream::{Stream, hash_of};
use crate::streams::NewRecord;
use model::{ApiError, Violation};
use pipeline::validation::refuse;
use wire::document::Blob;

/// The record of the members of a request; `path` is that of the partition key.
pub(super) fn of(
    data: Option<Blob>,
    partition_key: Option<String>,
    explicit_hash_key: Option<&str>,
    path: &str,
) -> Result<NewRecord, ApiError> {
    let Some(partition_key) = partition_key else {
        let constraint = "Member must not be null".to_owned();
        refuse(&[Violation { path: path.to_owned(), value: Some("null".to_owned()), constraint }])?;
        unreachable!("a violation is refused");
    };
    let hash = match explicit_hash_key {
        Some(key) => parse_hash_key("ExplicitHashKey", key)?,
        None => hash_of(&partition_key),
    };
    Ok(NewRecord { hash, partition_key, data: data.unwrap_or_default().0 })
}

/// A hash key whose form has been checked.
pub(super) fn parse_hash_key(member: &str, key: &str) -> Result<u128, ApiError> {
    key.parse().map_err(|_| {
        invalid_argument(format!(
            "Invalid {member}. {member} must be in the range: [0, 2^128-1]. Specified value was {key}"
        ))
    })
}

/// Refuses a record that is larger than the stream takes.
pub(super) fn check_size(
    stream: &Stream,
    record: &NewRecord,
    path: impl FnOnce() -> String,
) -> Result<(), ApiError> {
    let (length, max) = (record.data.len(), stream.record_bytes_max());
    if length <= max {
        return Ok(());
    }
    let value = Some(format!("'java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]'"));
    let constraint = format!("Member must have length less than or equal to {max}");
    refuse(&[Violation { path: path(), value, constraint }])
}
