//! An appended mutation: what the committer writes, and the futures it resolves.

use crate::trees::range_tombstones::RangeTombstone;
use crate::write::batch::Batch;
use store::lock_table::TransactionGuard;
use store::{CommitId, Fence, Outcome, Stamp, StoreError};
use tokio::sync::oneshot;

/// Resolves the future of a writer.
pub(super) type Reply = oneshot::Sender<Result<Outcome, StoreError>>;

/// An appended mutation.
pub(crate) struct Entry {
    pub(crate) position: u64,
    pub(crate) batch: Batch,
    pub(crate) record_bytes: usize,
    /// It brings rows and not only deletions, so the last room on the disk is not for it.
    pub(crate) takes_room: bool,
    pub(super) reply: Reply,
    /// A transaction's keys, held until it is durable.
    pub(super) held: Option<TransactionGuard>,
    pub(super) raised: Vec<Fence>,
}

impl Entry {
    /// Releases its keys, then resolves its writer's future.
    pub(crate) fn resolve(self, outcome: Result<Outcome, StoreError>) {
        drop(self.held);
        let _ = self.reply.send(outcome);
    }

    /// It may be in the log or not.
    pub(crate) fn resolve_unknown(self) {
        let commit = CommitId(self.position.into());
        self.resolve(Ok(Outcome::Unknown(commit)));
    }

    pub(crate) fn commit(self, time_micros: u64) {
        let position = store::Position(self.position.into());
        self.resolve(Ok(Outcome::Committed(Stamp { position, time_micros })));
    }
}

/// Something to append.
pub(crate) struct Appending<'a> {
    pub(crate) batch: Batch,
    pub(crate) fences: &'a [Fence],
    pub(crate) raise: &'a [Fence],
    pub(crate) held: Option<TransactionGuard>,
    /// [`Queue::epoch`](crate::write::queue::Queue::epoch) before the writer read anything.
    pub(crate) epoch: u64,
    /// One of the store's own writes, which free space in the end.
    pub(crate) own: bool,
    /// Refused as fenced if rows were written under this drop beyond so many.
    pub(crate) unless_rewritten: Option<(&'a RangeTombstone, u64)>,
}

impl<'a> Appending<'a> {
    /// One of the store's own writes.
    pub(crate) fn own(batch: Batch, epoch: u64) -> Self {
        Self { batch, fences: &[], raise: &[], held: None, epoch, own: true, unless_rewritten: None }
    }
}
