//! Texts about tags and the resources that carry them.

use crate::errors::{codes, invalid_parameter};
use model::{ApiError, code};

/// No ARN at all.
pub fn resource_arn_missing() -> ApiError {
    ApiError::validation("Invalid TableArn")
}

/// Something that is no ARN.
pub fn not_an_arn(text: &str) -> ApiError {
    invalid_parameter(format_args!("ARNs must start with 'arn:': {text}"))
}

/// An ARN of another service.
pub fn not_a_dynamodb_arn(arn: &str) -> ApiError {
    invalid_parameter(format_args!("Provided Arn is not a DynamoDB resource arn: {arn}"))
}

/// An index, a backup, or another resource that carries no tags.
pub fn untaggable_resource(arn: &str) -> ApiError {
    invalid_parameter(format_args!(
        "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}"
    ))
}

/// An ARN that is damaged, or of another region.
pub fn invalid_resource_arn(arn: &str) -> ApiError {
    ApiError::validation(format!("Invalid TableArn: Invalid ResourceArn provided as input {arn}"))
}

/// A resource of another account.
pub fn foreign_resource() -> ApiError {
    ApiError::new(
        code::ACCESS_DENIED,
        "This action is only supported by accounts that match the resource owner’s account.",
    )
}

/// No such table or stream.
pub fn resource_not_found(arn: &str) -> ApiError {
    let text = format!("Requested resource not found: ResourceArn: {arn} not found");
    ApiError::new(codes::RESOURCE_NOT_FOUND, text)
}

/// TagResource with nothing to add.
pub const NO_TAGS: &str = "Atleast one Tag needs to be provided as Input.";
/// UntagResource with nothing to remove.
pub const NO_TAG_KEYS: &str = "Atleast one Tag Key needs to be provided as Input.";
/// More than a resource may have.
pub const TOO_MANY_TAGS: &str = "Number of Tags exceed the current limit for the provided ResourceArn";

/// A key that is missing, of the wrong length, or has characters that are not allowed.
pub fn invalid_tag_key(key: Option<&str>) -> String {
    format!("The Tag Key provided is invalid, Key: {}", key.unwrap_or("null"))
}

/// A key of AWS's own.
pub fn reserved_tag_key(key: &str) -> String {
    format!("Tag Key cannot be prefixed with aws:, Key: {key}")
}

/// A value that is missing, too long, or has characters that are not allowed.
pub fn invalid_tag_value(value: Option<&str>) -> String {
    format!("The Tag Value provided is invalid, Value: {}", value.unwrap_or("null"))
}

/// A key that is given twice.
pub fn duplicate_tag_key(key: &str) -> String {
    format!("Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}")
}

/// All tags of a resource together are too large.
pub fn tags_too_large(size_bytes: usize, max: usize) -> String {
    format!("Tag set size {size_bytes} bytes is above max size limit of {max} bytes")
}

/// Other requests keep changing the table's tags.
pub fn tags_being_updated(table: &str) -> ApiError {
    let text = format!("Subscriber limit exceeded: Table tags are being updated: {table}");
    ApiError::new(codes::LIMIT_EXCEEDED, text)
}
