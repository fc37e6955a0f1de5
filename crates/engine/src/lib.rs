//! Tables on an ordered store.
//!
//! Reading order: [`Table`] (the immutable descriptor), `keys` (the only builder of row keys), [`row`] (the value of a
//! key), [`write`](mod@write) (the one function that changes an item), `index` (entries that follow from an item),
//! [`read`] (get, query, scan), [`transact`], `catalog` (the tables of the store), `jobs`.
//!
//! Independent of JSON, HTTP, ARNs of callers and message texts: refusals are enums with data.

mod backup;
mod catalog;
mod engine;
mod error;
mod expiry;
pub mod feed;
mod index;
mod jobs;
mod keys;
pub mod meter;
mod options;
pub mod read;
pub mod replication;
pub mod row;
mod sealing;
pub mod stream;
pub mod table;
pub mod transact;
pub mod write;
mod write_stamps;

pub use self::sealing::{KeyService, NoKeys, Releasing, Sharing, UnwrapError, Unwrapping};
pub use backup::{Backup, BackupKind, BackupPage, BackupStatus, Copied, CopiedLot, ExportedSince, Totals};
pub use catalog::{
    AlterError, BackupError, CreateError, DeleteError, Joined, NewTable, NoRoom, RestoreError, Units, fences,
};
pub use engine::{Engine, IndexStatistics, TableStatistics};
pub use error::{EngineError, ReadError, WriteError};
pub use index::{IndexKeyFault, IndexKeyProblem};
pub use jobs::JobProgress;
pub use keys::{ItemKey, KeyFault};
pub use options::{EngineOptions, JobEvent, OnEvent};
pub use read::{Attributes, Found, Page, QueryRequest, ScanRequest, Segment, StartKeyFault};
pub use row::RowRef;
pub use table::{Index, IndexKind, KeyAttribute, KeySchema, KeyType, Projected, Scope, Table};
pub use transact::{
    TransactError, TransactGet, TransactOperation, TransactReason, TransactToken, Transacted,
};
pub use write::{Action, CollectionSize, IndexCost, Presence, Provenance, Refusal, Returns, Write, Written};
pub use write_stamps::{ItemStamp, WriteStamps};
