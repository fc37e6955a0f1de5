//! Texts about tables, batches and start keys.

use crate::errors::{codes, enveloped};
use model::ApiError;
use std::fmt::Display;

pub use super::engine::{
    COLLECTION_TOO_LARGE, CONDITION_FAILED, ITEM_TOO_LARGE, UPDATED_ITEM_TOO_LARGE, condition_failed,
    item_too_large, key_attribute_changed, refusal_text, updated_item_too_large,
};
pub use super::keys::KEY_DOES_NOT_MATCH;

/// The text of operations on items for a missing table; it does not name the table.
pub fn table_not_found() -> ApiError {
    ApiError::new(codes::RESOURCE_NOT_FOUND, "Requested resource not found")
}

/// The account has as many tables as it may.
pub fn too_many_tables() -> ApiError {
    ApiError::new(
        codes::LIMIT_EXCEEDED,
        "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
    )
}

/// Another change of the table, or of one of its indexes, is under way.
pub fn resource_in_use(what: impl Display) -> ApiError {
    let text = format!("Attempt to change a resource which is still in use: {what}");
    ApiError::new(codes::RESOURCE_IN_USE, text)
}

/// A member, or a use of it, that this server has not built.
pub fn not_built(what: &str) -> ApiError {
    ApiError::validation(format!("{what} is not supported by this version of Stator; leave it out"))
}

/// BatchWriteItem without any table.
pub const NO_WRITE_REQUESTS: &str = "The requestItems parameter is required for BatchWriteItem";

/// BatchWriteItem whose items are too large together.
pub const BATCH_TOO_LARGE: &str =
    "Item collection too large: aggregate size of items in BatchWriteItem exceeds 16MB limit";

/// A WriteRequest without, or with more than, one request. DynamoDB words it as if it were a value.
pub const ONE_WRITE_REQUEST: &str = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";

/// An ARN in place of a table's name that is of another partition or region.
pub fn elsewhere(what: &str, arn: &str) -> ApiError {
    enveloped(format_args!("Invalid {what} in '{arn}'"))
}
