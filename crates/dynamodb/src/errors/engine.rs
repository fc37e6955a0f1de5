//! Errors of the engine as errors of the API.

use crate::errors::codes;
use crate::errors::{DUPLICATE_ITEM, duplicate_item, index_key_fault, invalid, table_not_found};
use engine::{ReadError, Refusal, WriteError};
use expr::UpdateError;
use model::{ApiError, Detail, code};
use std::fmt::Display;
use store::StoreError;
use store::records::RecordError;
use types::Item;

/// A false condition, with the item it failed on where the request wants it.
pub fn condition_failed(item: Option<Item>) -> ApiError {
    let error = ApiError::new(codes::CONDITIONAL_CHECK_FAILED, CONDITION_FAILED);
    match item {
        Some(item) => error.with(Detail::Item(item)),
        None => error,
    }
}

/// The text of a false condition, alone and as a reason of a cancelled transaction.
pub const CONDITION_FAILED: &str = "The conditional request failed";
/// An item that is put and too large.
pub const ITEM_TOO_LARGE: &str = "Item size has exceeded the maximum allowed size";
/// An item that an update makes too large, or an update whose request is.
pub const UPDATED_ITEM_TOO_LARGE: &str = "Item size to update has exceeded the maximum allowed size";
/// An item collection above its limit.
pub const COLLECTION_TOO_LARGE: &str = "Collection size exceeded.";

/// An item that is put and too large.
pub fn item_too_large() -> ApiError {
    ApiError::validation(ITEM_TOO_LARGE)
}

/// An update whose request, or whose result, is too large.
pub fn updated_item_too_large() -> ApiError {
    ApiError::validation(UPDATED_ITEM_TOO_LARGE)
}

/// An update that names a key attribute.
pub fn key_attribute_changed(name: &str) -> String {
    invalid(format_args!("Cannot update attribute {name}. This attribute is part of the key"))
}

/// What a refused single write answers.
pub fn write_error(error: WriteError) -> ApiError {
    match error {
        WriteError::TableNotFound => table_not_found(),
        WriteError::TransactionConflict => conflict(),
        WriteError::ReplicatedWriteConflict => replicated_write_conflict(),
        WriteError::Refused(refusal) => refused(refusal),
        WriteError::Store(error) => store_error(&error),
        WriteError::Unknown => ApiError::new(
            codes::INTERNAL_SERVER,
            "The outcome of the write is not known. Read the item to find out.",
        ),
    }
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::ConditionFailed { old, .. } => condition_failed(old),
        Refusal::Exists { .. } => duplicate_item(),
        Refusal::Absent => condition_failed(None),
        Refusal::CollectionTooLarge => {
            ApiError::new(codes::ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED, COLLECTION_TOO_LARGE)
        }
        Refusal::IndexKey(fault) => index_key_fault(&fault),
        other => ApiError::validation(refusal_text(&other)),
    }
}

/// The text of a refusal that is a validation error: of a single write, and as a reason of a cancelled
/// transaction.
pub fn refusal_text(refusal: &Refusal) -> String {
    match refusal {
        Refusal::ItemTooLarge => ITEM_TOO_LARGE.to_owned(),
        Refusal::UpdatedItemTooLarge => UPDATED_ITEM_TOO_LARGE.to_owned(),
        Refusal::NestedTooDeeply => UpdateError::Nesting.to_string(),
        Refusal::KeyAttributeChanged { name } => key_attribute_changed(name),
        Refusal::Update(error) => error.to_string(),
        Refusal::IndexKey(fault) => crate::errors::index_key_text(fault),
        Refusal::CollectionTooLarge => COLLECTION_TOO_LARGE.to_owned(),
        Refusal::ConditionFailed { .. } | Refusal::Absent => CONDITION_FAILED.to_owned(),
        Refusal::Exists { .. } => DUPLICATE_ITEM.to_owned(),
    }
}

/// What a failed read answers. Query checks a start key more precisely before this.
pub fn read_error(error: ReadError) -> ApiError {
    match error {
        ReadError::StartKey(fault) => crate::errors::start_key_fault(&fault),
        ReadError::Store(error) => store_error(&error),
    }
}

/// What a failure of the store answers. The server's log has the details.
pub fn store_error(error: &StoreError) -> ApiError {
    match error {
        StoreError::Unavailable(why) => unavailable(why),
        StoreError::Full(_) => unavailable("The disk that holds the data is full"),
        StoreError::Locked(why) => ApiError::validation(why.clone()),
        StoreError::Corrupt(_) | StoreError::Poisoned(_) => internal_error(),
    }
}

/// What a document that cannot be read or written answers. The server's log has the details.
pub fn record_error(error: &RecordError) -> ApiError {
    match error {
        RecordError::Store(error) => store_error(error),
        RecordError::Newer { .. } | RecordError::Damaged { .. } => {
            tracing::error!(%error, "a document cannot be read");
            internal_error()
        }
    }
}

/// A write of an item that a transaction holds.
pub fn conflict() -> ApiError {
    ApiError::new(codes::TRANSACTION_CONFLICT, "Transaction is ongoing for the item")
}

/// A write of an item that is being written in another region of a strongly consistent global table.
fn replicated_write_conflict() -> ApiError {
    ApiError::new(
        codes::REPLICATED_WRITE_CONFLICT,
        "The request was rejected because one or more items in the request are being modified by a request in another \
         Region.",
    )
}

/// Something broke on this side.
pub fn internal_error() -> ApiError {
    ApiError::new(codes::INTERNAL_SERVER, "Internal server error")
}

/// A table that is changed again and again while a change of it is being made.
pub fn table_keeps_changing() -> ApiError {
    unavailable("the table keeps changing")
}

fn unavailable(why: impl Display) -> ApiError {
    ApiError::new(code::SERVICE_UNAVAILABLE, format!("The service cannot answer now: {why}"))
}
