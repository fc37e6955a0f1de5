//! Transactions: several writes as one mutation, several reads at one position, and the tokens that make a
//! repeated request harmless. Writes that are made in all replicas at once have the same form.
//!
//! All conditions and updates see the items as they were before the transaction; every action is evaluated
//! even if an earlier one fails.

mod everywhere;
mod get;
mod token;
mod write;

pub(crate) use everywhere::level;
pub use get::TransactGet;
pub(crate) use token::is_expired;
pub use token::{TransactOperation, TransactToken};

use crate::row::RowFault;
use crate::write::{Refusal, Written};
use store::StoreError;

/// What a transaction did.
#[derive(Debug, Clone, PartialEq)]
pub struct Transacted {
    /// Per action, in order. Of a replay only the sizes are known.
    pub actions: Vec<Written>,
    /// The token was known: nothing was written now.
    pub replayed: bool,
}

/// Why a transaction was not done.
#[derive(Debug, Clone, PartialEq)]
pub enum TransactError {
    /// Reasons per action, in order; `None` for those without one.
    Cancelled(Vec<Option<TransactReason>>),
    /// Two actions are about the same item: positions of the two.
    SameItem(usize, usize),
    /// The token was used with another request.
    TokenMismatch,
    /// A request with the same token is under way.
    InProgress,
    /// A table was deleted: position of the first action on it.
    TableNotFound(usize),
    /// The writes of a table are made in all replicas at once, which transactions are not for: position of the first
    /// action on it.
    StrongTable(usize),
    /// The store failed.
    Store(StoreError),
    /// It may have happened or not.
    Unknown,
}

/// Why an action stopped its transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum TransactReason {
    /// The item is held by another transaction.
    Conflict,
    /// The item or the rules refuse it.
    Refused(Refusal),
}

impl From<StoreError> for TransactError {
    fn from(error: StoreError) -> Self {
        TransactError::Store(error)
    }
}

impl From<RowFault> for TransactError {
    fn from(fault: RowFault) -> Self {
        TransactError::Store(fault.into())
    }
}
