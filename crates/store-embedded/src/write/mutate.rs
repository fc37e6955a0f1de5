//! The way of a write, on the thread of its writer: keys → old rows → decide → append.

use crate::read::point;
use crate::trees::{Bytes, Name, TreeError};
use crate::write::batch::Batch;
use store::lock_table::{SingleGuard, TransactionGuard};
use store::{Decision, Locking, Mutation, OldRows, Outcome, Pending, Plan, StoreError};

use crate::write::entry::Appending;
use crate::write::write_path::WritePath;

/// Runs a mutation up to its append. The committer hears of it when the caller says so.
pub(crate) fn mutate(path: &WritePath, mutation: &mut Mutation<'_>) -> Pending<'static> {
    if let Err(error) = path.queue.admit() {
        return Pending::ready(Err(error));
    }
    let held = match Held::take(path, mutation) {
        Ok(held) => held,
        Err(busy) => return Pending::ready(Ok(Outcome::Conflict(busy))),
    };
    let epoch = path.queue.epoch();
    let old = match OldValues::read(path, mutation.keys) {
        Ok(old) => old,
        Err(error) => return Pending::ready(Err(path.view.read_error(Name::Rows, error))),
    };
    let rows: Vec<Option<&[u8]>> = old.rows.iter().map(|row| row.as_deref()).collect();
    match (mutation.decide)(&OldRows(&rows)) {
        Decision::Refuse => {
            drop(held);
            path.queue.refuse(old.newest, epoch, || path.view.readers.published())
        }
        Decision::Commit(plan) => append(path, mutation, plan, held, epoch),
    }
}

fn append(
    path: &WritePath,
    mutation: &Mutation<'_>,
    mut plan: Plan,
    held: Held,
    epoch: u64,
) -> Pending<'static> {
    let raise = std::mem::take(&mut plan.raise);
    let batch = match Batch::of(plan) {
        Ok(batch) => batch,
        Err(error) => return Pending::ready(Err(error)),
    };
    // Fences live in memory: raising them alone needs no place in the log, and works on a full disk.
    if batch.is_empty() && !raise.is_empty() {
        return path.queue.raise(mutation.fences, &raise, || *path.view.newest.lock());
    }
    // A single mutation's keys are free as soon as its rows are in the overlay.
    let (kept, _released) = match held {
        Held::Transaction(keys) => (Some(keys), None),
        Held::Single(keys) => (None, Some(keys)),
    };
    let appending = Appending {
        batch,
        fences: mutation.fences,
        raise: &raise,
        held: kept,
        epoch,
        own: false,
        unless_rewritten: None,
    };
    path.queue.append(appending, &path.overlay, &path.view.tombstones)
}

/// Appends one of the store's own writes.
pub(crate) fn append_own(path: &WritePath, batch: Batch) -> Pending<'static> {
    if let Err(error) = path.queue.admit() {
        return Pending::ready(Err(error));
    }
    let epoch = path.queue.epoch();
    append_now(path, Appending::own(batch, epoch))
}

/// Appends, and tells the committer.
pub(crate) fn append_now(path: &WritePath, appending: Appending<'_>) -> Pending<'static> {
    let pending = path.queue.append(appending, &path.overlay, &path.view.tombstones);
    path.queue.announce();
    pending
}

/// A prefix or key that the trees and the log cannot hold.
pub(crate) fn check_prefix(prefix: &[u8]) -> Result<(), StoreError> {
    if prefix.len() <= crate::trees::KEY_BYTES_MAX {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!("a prefix of {} bytes cannot be dropped", prefix.len())))
}

/// A mutation's keys, until this is dropped.
enum Held {
    Single(SingleGuard),
    Transaction(TransactionGuard),
}

impl Held {
    fn take(path: &WritePath, mutation: &Mutation<'_>) -> Result<Self, Vec<usize>> {
        match mutation.locking {
            Locking::Single => path.locks.single(mutation.keys).map(Held::Single),
            Locking::Transaction => path.locks.transaction(mutation.keys).map(Held::Transaction),
        }
    }
}

/// The newest appended rows of some keys.
struct OldValues {
    rows: Vec<Option<Bytes>>,
    /// The newest position among the ones that may not be published.
    newest: u64,
}

impl OldValues {
    fn read(path: &WritePath, keys: &[&[u8]]) -> Result<Self, TreeError> {
        let mut old = OldValues { rows: Vec::with_capacity(keys.len()), newest: 0 };
        for key in keys {
            let row = old.row(path, key)?;
            old.rows.push(row);
        }
        Ok(old)
    }

    /// Overlay first: a row leaves it only after it is published, so the tree has what the overlay has not.
    fn row(&mut self, path: &WritePath, key: &[u8]) -> Result<Option<Bytes>, TreeError> {
        let appended = path.overlay.get(key);
        let dropped = path.view.tombstones.over(key, u64::MAX);
        if let Some(dropped) = dropped {
            self.newest = self.newest.max(dropped);
        }
        if let Some((position, row)) = appended {
            self.newest = self.newest.max(position);
            return Ok(row.filter(|_| dropped.is_none_or(|dropped| position > dropped)));
        }
        let reading = path.view.readers.enter();
        if dropped.is_some_and(|dropped| dropped > reading.position) {
            return Ok(None);
        }
        point::old_row(&path.view, key, reading.position)
    }
}
