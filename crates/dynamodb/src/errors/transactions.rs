//! Texts of transactions, and the error of one that was cancelled.

use crate::errors::codes;
use crate::errors::{
    self, COLLECTION_TOO_LARGE, CONDITION_FAILED, refusal_text, store_error, table_not_found,
};
use engine::{Refusal, TransactError, TransactReason};
use model::api_error::CancellationReason;
use model::{ApiError, Detail};
use std::borrow::Cow;

/// An element of TransactItems without an action.
pub const NO_ACTION: &str =
    "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request";

/// An element of TransactItems with several actions.
pub const SEVERAL_ACTIONS: &str = "TransactItems can only contain one of Check, Put, Update or Delete";

/// Two actions on one item.
pub const SAME_ITEM: &str = "Transaction request cannot include multiple operations on one item";

/// More data in the actions of a transaction than they may carry.
pub const TRANSACTION_PAYLOAD_TOO_LARGE: &str = "Transaction payload size cannot exceed 4 MB";

/// More data than a transaction may read.
pub const TRANSACTION_TOO_LARGE: &str = "Collection size of items exceeded, which can also be caused by the \
    aggregate size of the items in the transaction exceeding the 4MB limit";

/// A token that was sent with another request.
pub const TOKEN_MISMATCH: &str = "DynamoDB rejected the request because you retried a request with a different payload \
    but with an idempotent token that was already used.";
const IN_PROGRESS: &str = "The transaction with the given request token is already in progress.";
const CONFLICT: &str = "Transaction is ongoing for the item.";

/// A transaction that was not done.
pub fn transact_error(error: TransactError) -> ApiError {
    match error {
        TransactError::Cancelled(reasons) => cancelled(
            reasons
                .into_iter()
                .map(|reason| reason.map_or_else(CancellationReason::default, because))
                .collect(),
        ),
        TransactError::SameItem(..) => ApiError::validation(SAME_ITEM),
        TransactError::TokenMismatch => ApiError::new(codes::IDEMPOTENT_PARAMETER_MISMATCH, TOKEN_MISMATCH),
        TransactError::InProgress => ApiError::new(codes::TRANSACTION_IN_PROGRESS, IN_PROGRESS),
        TransactError::TableNotFound(_) => table_not_found(),
        TransactError::StrongTable(_) => errors::no_transactions(),
        TransactError::Store(error) => store_error(&error),
        TransactError::Unknown => errors::write_error(engine::WriteError::Unknown),
    }
}

/// TransactionCanceledException: its text lists the codes of all actions, in order.
pub fn cancelled(reasons: Vec<CancellationReason>) -> ApiError {
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code.unwrap_or("None")).collect();
    let text = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    ApiError::new(codes::TRANSACTION_CANCELED, text).with(Detail::CancellationReasons(reasons))
}

/// Why an action stopped its transaction.
pub fn because(reason: TransactReason) -> CancellationReason {
    match reason {
        TransactReason::Conflict => conflict_reason(),
        TransactReason::Refused(Refusal::ConditionFailed { old, .. }) => {
            CancellationReason { item: old, ..reason_of("ConditionalCheckFailed", CONDITION_FAILED) }
        }
        TransactReason::Refused(Refusal::Exists { old }) => {
            CancellationReason { item: old, ..reason_of("DuplicateItem", errors::DUPLICATE_ITEM) }
        }
        TransactReason::Refused(Refusal::Absent) => reason_of("ConditionalCheckFailed", CONDITION_FAILED),
        TransactReason::Refused(Refusal::CollectionTooLarge) => {
            reason_of("ItemCollectionSizeLimitExceeded", COLLECTION_TOO_LARGE)
        }
        TransactReason::Refused(refusal) => because_invalid(refusal_text(&refusal)),
    }
}

/// An action on an item that another transaction holds.
pub fn conflict_reason() -> CancellationReason {
    reason_of("TransactionConflict", CONFLICT)
}

/// An action that could never be done.
pub fn because_invalid(text: impl Into<Cow<'static, str>>) -> CancellationReason {
    reason_of("ValidationError", text)
}

fn reason_of(code: &'static str, message: impl Into<Cow<'static, str>>) -> CancellationReason {
    CancellationReason { code: Some(code), message: Some(message.into()), item: None }
}
