//! The errors of the engine. They carry data; the texts for clients are in the layers above.

use crate::read::StartKeyFault;
use crate::row::RowFault;
use crate::write::Refusal;
use store::StoreError;
use store::records::RecordError;

/// Why a single write did not happen.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteError {
    /// The table is gone.
    TableNotFound,
    /// A transaction holds the item.
    TransactionConflict,
    /// A writer in another region holds the item of a strongly consistent global table.
    ReplicatedWriteConflict,
    /// The item or the rules refuse it.
    Refused(Refusal),
    /// The store failed.
    Store(StoreError),
    /// It may have happened or not.
    Unknown,
}

/// Why a read failed.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadError {
    /// The exclusive start key does not fit the request.
    StartKey(StartKeyFault),
    /// The store failed, or what it holds is damaged.
    Store(StoreError),
}

/// Why the engine did not open.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A descriptor or a job cannot be read; there is a variant for one written by a newer version.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store writes rows of different places in different commits; index entries need one with their item.
    #[error("this store cannot write an index entry in the commit of its item, which this version needs")]
    RowsApart,
    /// The system has no thread for the engine's background work.
    #[error("no thread can be started: {0}")]
    Thread(std::io::Error),
}

impl EngineError {
    /// The same as an error of the store, for reads of documents while the engine runs.
    pub(crate) fn into_store(self) -> StoreError {
        match self {
            EngineError::Store(error) | EngineError::Record(RecordError::Store(error)) => error,
            error => StoreError::Corrupt(error.to_string()),
        }
    }
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        WriteError::Store(error)
    }
}

impl From<RowFault> for WriteError {
    fn from(fault: RowFault) -> Self {
        WriteError::Store(fault.into())
    }
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        ReadError::Store(error)
    }
}

impl From<RowFault> for ReadError {
    fn from(fault: RowFault) -> Self {
        ReadError::Store(fault.into())
    }
}

impl From<StartKeyFault> for ReadError {
    fn from(fault: StartKeyFault) -> Self {
        ReadError::StartKey(fault)
    }
}
