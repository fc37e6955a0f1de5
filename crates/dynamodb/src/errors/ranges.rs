//! Texts of Query and Scan.

use crate::errors::{KeyUse, invalid_parameter, key_text, length_at_least, member_value};
use engine::StartKeyFault;
use model::ApiError;
use std::fmt::Display;

/// A Query without any key condition.
pub const NO_KEY_CONDITION: &str =
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.";

/// ConsistentRead on what is not known to be a local index.
pub const CONSISTENT_READ_OF_GLOBAL_INDEX: &str =
    "Consistent reads are not supported on global secondary indexes";

/// No such index.
pub fn index_not_found(index: &str) -> ApiError {
    ApiError::validation(format!("The table does not have the specified index: {index}"))
}

/// An index whose entries are not complete yet.
pub fn index_not_ready(index: &str) -> ApiError {
    ApiError::validation(format!("Cannot read from backfilling global secondary index: {index}"))
}

/// Select that needs a projection.
pub const NOTHING_SELECTED: &str =
    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES";

/// Select of projected attributes on a table.
pub const NO_INDEX_TO_SELECT_FROM: &str =
    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName";

/// Select beside a projection it has no use for.
pub fn selected_twice(member: &str, select: &str) -> String {
    let what = if select == "COUNT" { "only the Count" } else { select };
    format!("Cannot specify the {member} when choosing to get {what}")
}

/// ALL_ATTRIBUTES of a global index that does not hold them.
pub fn not_all_projected(index: &str) -> ApiError {
    invalid_parameter(format_args!(
        "Select type ALL_ATTRIBUTES is not supported for global secondary index {index} because its projection type \
         is not ALL"
    ))
}

/// A projection on attributes that a global index does not hold.
pub fn not_projected(index: &str, names: &[&str]) -> ApiError {
    let names = names.join(", ");
    invalid_parameter(format_args!("Global secondary index {index} does not project [{names}]"))
}

/// A filter on attributes that an index does not hold.
pub fn filter_not_projected(index: &str, names: &[&str]) -> ApiError {
    let names = names.join(", ");
    invalid_parameter(format_args!(
        "Secondary index {index} does not project one or more filter attributes: [{names}]"
    ))
}

/// AttributesToGet without a name.
pub fn no_attributes_to_get() -> String {
    member_value("[]", "attributesToGet", length_at_least(1))
}

/// A start key that is none of what is read.
pub const START_KEY_INVALID: &str = "The provided starting key is invalid";

/// A start key with a fault that the message names.
pub fn start_key_invalid(why: impl Display) -> String {
    format!("{START_KEY_INVALID}: {why}")
}

/// A start key of another partition, where the query selects at most one item.
pub const START_KEY_OF_OTHER_ROW: &str = "The query can return at most one row and cannot be restarted";
/// A start key the sort key condition does not hold for.
pub const START_KEY_OUTSIDE_RANGE: &str = "The provided starting key does not match the range key predicate";
/// Any start key of a Query of a table without sort key.
pub fn start_key_of_single_item(key: impl Display) -> ApiError {
    ApiError::validation(format!("The provided exclusive start key is invalid: ExclusiveStartKey: {key}"))
}
/// A start key of another partition.
pub const START_KEY_OUTSIDE_QUERY: &str =
    "The provided starting key is outside query boundaries based on provided conditions";

/// A start key of another segment than the one scanned.
pub fn start_key_of_other_segment(number: u32, total: u32) -> String {
    start_key_invalid(format_args!(
        "Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: {total} \
         Segment: {number}"
    ))
}

/// Refusals of a start key that do not depend on the rest of the request.
pub fn start_key_fault(fault: &StartKeyFault) -> ApiError {
    use engine::KeyFault::{Empty, PartitionTooLong, SortTooLong};
    ApiError::validation(match fault {
        StartKeyFault::Key(fault @ (Empty { .. } | PartitionTooLong | SortTooLong)) => {
            key_text(fault, KeyUse::Key)
        }
        StartKeyFault::Key(_) | StartKeyFault::OutsideSegment => START_KEY_INVALID.to_owned(),
        StartKeyFault::OtherPartition { last: false } => START_KEY_OF_OTHER_ROW.to_owned(),
        StartKeyFault::OtherPartition { last: true } => START_KEY_OUTSIDE_QUERY.to_owned(),
        StartKeyFault::OutsideRange => START_KEY_OUTSIDE_RANGE.to_owned(),
    })
}

/// Segment without TotalSegments.
pub const NO_TOTAL_SEGMENTS: &str = "The TotalSegments parameter is required but was not present in the request when Segment parameter is present";
/// TotalSegments without Segment.
pub const NO_SEGMENT: &str = "The Segment parameter is required but was not present in the request when parameter TotalSegments is present";

/// A segment beyond the last.
pub fn segment_beyond(number: i64, total: i64) -> String {
    format!(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {number} is not \
         less than TotalSegments: {total}"
    )
}
