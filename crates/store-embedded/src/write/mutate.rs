//! The way of a write: keys → old rows → decide → append. It runs on the thread of its writer until it would have to
//! wait: for room in the queue, for a key, for the disk. Then it releases its keys, and starts again when it is polled
//! and what it waited for is there.

use crate::read::cold_reads::Place;
use crate::read::point;
use crate::read::read_view::ReadView;
use crate::trees::{Bytes, Name, TreeError};
use crate::write::batch::Batch;
use store::lock_table::{Busy, SingleGuard, TransactionGuard};
use store::{Decision, Locking, Mutation, OldRows, Outcome, Pending, Plan, StoreError};
use tokio::sync::oneshot;

use crate::write::entry::Appending;
use crate::write::write_path::WritePath;

/// Runs a mutation, up to its append if it need not wait. The committer is woken by the caller.
pub(crate) fn mutate<'a>(path: &'a WritePath, mut mutation: Mutation<'a>) -> Pending<'a> {
    match attempt(path, &mut mutation, Disk::WherePossible) {
        Ok(pending) => pending,
        Err(obstacle) => Pending::running(mutate_later(path, mutation, obstacle)),
    }
}

/// What a mutation has to wait for.
enum Obstacle {
    /// For room in the queue, or for a key.
    Turn(oneshot::Receiver<()>),
    /// For old rows that the disk may have to bring.
    OldRows,
}

/// Whether old rows may be read from the disk on this thread.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Disk {
    WherePossible,
    /// Their blocks have just been read.
    Read,
}

async fn mutate_later(
    path: &WritePath,
    mut mutation: Mutation<'_>,
    mut obstacle: Obstacle,
) -> Result<Outcome, StoreError> {
    let mut disk = Disk::WherePossible;
    loop {
        match obstacle {
            Obstacle::Turn(turn) => drop(turn.await),
            Obstacle::OldRows => {
                read_ahead(path, mutation.keys).await?;
                disk = Disk::Read;
            }
        }
        match attempt(path, &mut mutation, disk) {
            Ok(pending) => {
                path.queue.announce();
                return pending.await;
            }
            Err(next) => obstacle = next,
        }
    }
}

/// Brings what the old rows are in from the disk into memory, off the calling thread, with no key held.
async fn read_ahead(path: &WritePath, keys: &[&[u8]]) -> Result<(), StoreError> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
    let view = path.view.clone();
    let read = move || keys.iter().try_for_each(|key| read_old(&view, key));
    let read = path.view.cold_reads.elsewhere(read).await?;
    read.map_err(|error| path.view.read_error(Name::Rows, error))
}

fn read_old(view: &ReadView, key: &[u8]) -> Result<(), TreeError> {
    let reading = view.readers.enter();
    point::old_row(view, key, reading.position).map(drop)
}

/// Runs a mutation up to its append, or up to where it has to wait: nothing is held then, and nothing has happened.
fn attempt(path: &WritePath, mutation: &mut Mutation<'_>, disk: Disk) -> Result<Pending<'static>, Obstacle> {
    match path.queue.admit() {
        Ok(None) => {}
        Ok(Some(room)) => return Err(Obstacle::Turn(room)),
        Err(error) => return Ok(Pending::ready(Err(error))),
    }
    let held = match Held::take(path, mutation) {
        Ok(held) => held,
        Err(Busy::Single(freed)) => return Err(Obstacle::Turn(freed)),
        Err(Busy::Transaction(busy)) => return Ok(Pending::ready(Ok(Outcome::Conflict(busy)))),
    };
    let epoch = path.queue.epoch();
    let old = match OldValues::read(path, mutation.keys, disk) {
        Ok(old) => old,
        Err(Unread::Cold) => return Err(Obstacle::OldRows),
        Err(Unread::Failed(error)) => {
            return Ok(Pending::ready(Err(path.view.read_error(Name::Rows, error))));
        }
    };
    let rows: Vec<Option<&[u8]>> = old.rows.iter().map(|row| row.as_deref()).collect();
    Ok(match (mutation.decide)(&OldRows(&rows)) {
        Decision::Refuse => {
            drop(held);
            path.queue.refuse(old.newest, epoch, || path.view.readers.published())
        }
        Decision::Commit(plan) => append(path, mutation, plan, held, epoch),
    })
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
pub(crate) fn append_own(path: &WritePath, batch: Batch) -> Pending<'_> {
    match path.queue.admit() {
        Ok(None) => append_now(path, Appending::own(batch, path.queue.epoch())),
        Ok(Some(_)) => Pending::running(async move {
            path.queue.admitted().await?;
            append_now(path, Appending::own(batch, path.queue.epoch())).await
        }),
        Err(error) => Pending::ready(Err(error)),
    }
}

/// Appends, and wakes the committer.
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
    fn take(path: &WritePath, mutation: &Mutation<'_>) -> Result<Self, Busy> {
        match mutation.locking {
            Locking::Single => path.locks.single(mutation.keys).map(Held::Single),
            Locking::Transaction => {
                path.locks.transaction(mutation.keys).map(Held::Transaction).map_err(Busy::Transaction)
            }
        }
    }
}

/// The newest appended rows of some keys.
struct OldValues {
    rows: Vec<Option<Bytes>>,
    /// The newest position among the ones that may not be published.
    newest: u64,
}

/// Why an old row is not there.
enum Unread {
    /// It is not in memory, and this thread must not wait for the disk.
    Cold,
    Failed(TreeError),
}

impl OldValues {
    fn read(path: &WritePath, keys: &[&[u8]], disk: Disk) -> Result<Self, Unread> {
        let mut old = OldValues { rows: Vec::with_capacity(keys.len()), newest: 0 };
        let mut place = None;
        for key in keys {
            let row = old.row(path, key, disk, &mut place)?;
            old.rows.push(row);
        }
        Ok(old)
    }

    /// Overlay first: a row leaves it only after it is published, so the tree has what the overlay has not.
    fn row<'a>(
        &mut self,
        path: &'a WritePath,
        key: &[u8],
        disk: Disk,
        place: &mut Option<Place<'a>>,
    ) -> Result<Option<Bytes>, Unread> {
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
        if let Some(row) = point::cached_row(&path.view, key, reading.position) {
            return Ok(Some(row));
        }
        if disk == Disk::WherePossible && place.is_none() {
            *place = Some(path.view.cold_reads.here().ok_or(Unread::Cold)?);
        }
        point::stored_row(&path.view, key, reading.position).map_err(Unread::Failed)
    }
}
