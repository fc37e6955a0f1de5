//! Replication between the replicas of a global table.
//!
//! Each replica has a consumer of its feed for every other one. What clients have written to it, and time to live has
//! deleted, is written there with its time and region; what came from elsewhere is not passed on. A replica takes a
//! write only if it is later, by time and then by the name of the region, than the last one of the item that it knows
//! ([`tombstone`] for items that are gone), so all of them come to the same, in whatever order writes arrive.
//!
//! A batch is written, then the cursor is stored; after a failure the batch comes again and does nothing. Both need the
//! lease of the direction where servers share a store: one that was delayed writes nothing.

pub(crate) mod attributes;
mod between_stores;
pub(crate) mod tombstone;

pub use between_stores::{Carried, Mark, OldTombstones, Rows};

use crate::engine::Engine;
use crate::error::WriteError;
use crate::feed::{Boundary, ChangeRecord, Consumer, Principal, cursor};
use crate::row::RowFault;
use crate::table::Table;
use crate::write::{Provenance, Tried, Write, try_each};
use crate::write_stamps::Stamping;
use std::sync::Arc;
use stdx::future::Boxed;
use store::lease::Lease;
use store::{
    Decision, FeedCursor, FeedRecord, Locking, Mutation, OldRows, Outcome, Plan, Position, Store, StoreError,
    Visit, resolved,
};
use types::MapRef;

/// Records of one batch, and their bytes; one record may be larger.
const RECORDS_MAX: usize = 256;
const BYTES_MAX: usize = 4 << 20;

/// What a batch came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replicated {
    /// Writes that the other replica was given.
    pub writes: usize,
    /// When the oldest of them was committed, in microseconds since the Unix epoch.
    pub oldest_micros: Option<u64>,
    /// How many of its feed's records have been read.
    pub records: usize,
    /// Behind which record to go on.
    pub read: FeedCursor,
    /// Whether the feed may have more.
    pub has_more: bool,
}

/// Time and region of a write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamped<'a> {
    pub time_micros: u64,
    /// Where that is not the source's.
    pub origin: Option<&'a str>,
}

impl Engine {
    /// The replica that a consumer of a table's feed brings changes to. `None`: it is being taken away, or not there.
    pub fn replica_at(&self, table: &Table, consumer: &Consumer) -> Option<Arc<Table>> {
        let found = self.table(&table.replica_scope(&consumer.id.as_str().into()), &table.name);
        found.filter(|found| found.is_replica_of(table) && !found.settings.is_leaving())
    }

    /// All replicas of a table as they are known here, from itself on. `None`: one of them is not there.
    pub fn replicas_of(&self, table: &Arc<Table>) -> Option<Vec<Arc<Table>>> {
        let other = |scope| self.table(&scope, &table.name).filter(|found| found.is_replica_of(table));
        std::iter::once(Some(Arc::clone(table))).chain(table.replica_scopes().map(other)).collect()
    }

    /// Writes the next records of a table's feed to one other replica, under the lease of this direction: those that
    /// were committed up to a time, in microseconds since the Unix epoch.
    ///
    /// # Errors
    /// When the store fails, a table was changed meanwhile, or the lease was lost: then it is to be tried again.
    pub fn replicate<'a>(
        &'a self,
        table: &'a Arc<Table>,
        consumer: &'a Consumer,
        lease: &'a Lease,
        until_micros: u64,
    ) -> Boxed<'a, Result<Replicated, StoreError>> {
        Box::pin(async move {
            let replica = self.replica_at(table, consumer);
            let replica = replica.ok_or_else(|| again("the other replica is not there"))?;
            let read = self.acknowledged(table, consumer).await?;
            let mut batch = Batch {
                table,
                replica: &replica,
                bytes: 0,
                writes: Vec::new(),
                done: Replicated { read, ..Replicated::default() },
            };
            let mut fault = Ok(());
            let mut visit = |record: FeedRecord<'_>| {
                if record.stamp.time_micros > until_micros {
                    return Visit::Stop;
                }
                fault = batch.take(record);
                if fault.is_ok() && batch.bytes < BYTES_MAX { Visit::Continue } else { Visit::Stop }
            };
            self.store().tail(table.feed_id(), read, RECORDS_MAX, &mut visit).await?;
            fault?;
            let Batch { writes, mut done, bytes, .. } = batch;
            done.has_more = done.records == RECORDS_MAX || bytes >= BYTES_MAX;
            if done.read > read {
                self.write_replicated(&writes, lease).await?;
                self.acknowledge_under(table, consumer, done.read, lease).await?;
            }
            done.writes = writes.len();
            Ok(done)
        })
    }

    /// How many records of a table's feed a consumer has not had yet; counts no further than `most`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn pending<'a>(
        &'a self,
        table: &'a Table,
        consumer: &'a Consumer,
        most: usize,
    ) -> Boxed<'a, Result<usize, StoreError>> {
        Box::pin(async move {
            let read = self.acknowledged(table, consumer).await?;
            let mut pending = 0;
            let mut visit = |record: FeedRecord<'_>| {
                pending += usize::from(is_to_be_brought(record.bytes));
                Visit::Continue
            };
            self.store().tail(table.feed_id(), read, most, &mut visit).await?;
            Ok(pending)
        })
    }

    async fn write_replicated(
        &self,
        writes: &[(Arc<Table>, Write)],
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let stamping = self.options().stamp(writes.iter().map(|(table, write)| (&**table, write)));
        let tried = try_each(self.store(), self.now_micros(), writes, lease).await;
        Stamping::conclude(stamping);
        let mut is_done = true;
        for ((table, write), tried) in writes.iter().zip(tried) {
            let is_written = is_written(tried)?;
            if is_written {
                self.note_write(table, write);
            }
            is_done &= is_written;
        }
        if is_done { Ok(()) } else { Err(again("a replicated write was not done")) }
    }

    /// Stores a cursor, if the lease is held.
    async fn acknowledge_under(
        &self,
        table: &Table,
        consumer: &Consumer,
        read: FeedCursor,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let (record, now) = (table.acknowledgement(consumer, read), self.now_micros());
        let keys: Vec<&[u8]> = lease.key().into_iter().collect();
        let decide = &mut |old: &OldRows<'_>| match lease.check(old.0.first().copied().flatten(), now) {
            Some(renewed) => Decision::Commit(Plan {
                rows: renewed.into_iter().collect(),
                records: vec![record.clone()],
                ..Plan::default()
            }),
            None => Decision::Refuse,
        };
        let fences = [table.fence()];
        let mutation = Mutation { keys: &keys, fences: &fences, locking: Locking::Single, decide };
        match resolved(self.store(), self.store().mutate(mutation).await?).await {
            Outcome::Committed(_) => Ok(()),
            outcome => Err(again(&format!("a cursor was not stored: {outcome:?}"))),
        }
    }
}

/// What is read of a feed for another replica.
struct Batch<'a> {
    table: &'a Table,
    replica: &'a Arc<Table>,
    bytes: usize,
    writes: Vec<(Arc<Table>, Write)>,
    done: Replicated,
}

impl Batch<'_> {
    /// What came from another region is not passed on. What was recorded before there were replicas has no time.
    fn take(&mut self, record: FeedRecord<'_>) -> Result<(), StoreError> {
        self.done.records += 1;
        self.done.read = record.cursor();
        if Boundary::read(record.bytes)?.is_some() {
            return Ok(());
        }
        let change = ChangeRecord::read(record.bytes)?;
        let (None, Some(time_micros)) = (change.origin, change.write_time_micros) else { return Ok(()) };
        let item = match (change.exists, change.new) {
            (true, None) => return Ok(()),
            (true, Some(item)) => item,
            (false, _) => change.key,
        };
        let stamp = Stamped { time_micros, origin: None };
        let write = write_from(self.table, self.replica, item, change.exists, stamp)?;
        self.bytes += record.bytes.len();
        self.done.oldest_micros.get_or_insert(record.stamp.time_micros);
        self.writes.push((Arc::clone(self.replica), write));
        Ok(())
    }
}

fn is_to_be_brought(record: &[u8]) -> bool {
    let change = ChangeRecord::read(record); // a boundary is none
    change.is_ok_and(|change| change.origin.is_none() && change.write_time_micros.is_some())
}

/// The write of one replica as another one takes it: an item as it is, or without `exists` the key of one that is gone.
pub(crate) fn write_from(
    source: &Table,
    replica: &Table,
    item: MapRef<'_>,
    exists: bool,
    stamp: Stamped<'_>,
) -> Result<Write, RowFault> {
    let item = MapRef::to_item(item);
    let write = if exists { Write::put(replica, item) } else { Write::delete(replica, item) };
    let here = &*replica.scope.region;
    let origin = stamp.origin.unwrap_or(&source.scope.region);
    Ok(write.map_err(|_| RowFault::OtherKey)?.with_provenance(Provenance {
        principal: Principal::Replication,
        origin: (origin != here).then(|| origin.into()),
        time_micros: Some(stamp.time_micros),
        is_restored: true,
    }))
}

/// Whether a replicated write is done, or was not needed. False: it is to be tried again.
///
/// # Errors
/// When the store fails, or refuses what another replica has accepted.
pub(crate) fn is_written((verdict, outcome): Tried) -> Result<bool, StoreError> {
    match (outcome?, verdict) {
        (Outcome::Committed(_), _) | (Outcome::Refused, Some(Ok(_))) => Ok(true),
        (Outcome::Refused, Some(Err(WriteError::Store(error)))) => Err(error),
        (Outcome::Refused, Some(Err(error))) => {
            Err(StoreError::Corrupt(format!("a replica refuses what another one has: {error:?}")))
        }
        (Outcome::Refused, None) => Err(again("the lease of a replication was lost")),
        (Outcome::Conflict(_) | Outcome::Fenced | Outcome::Unknown(_), _) => Ok(false),
    }
}

/// Whether a consumer has all records of a table's feed, up to a position or whatever there is.
pub(crate) async fn has_read(
    store: &dyn Store,
    table: &Table,
    consumer: &Consumer,
    up_to: Option<Position>,
) -> Result<bool, StoreError> {
    let read = cursor::read(store, table, consumer).await?;
    let mut is_behind = false;
    let mut visit = |record: FeedRecord<'_>| {
        is_behind = up_to.is_none_or(|up_to| record.stamp.position <= up_to);
        Visit::Stop
    };
    store.tail(table.feed_id(), read, 1, &mut visit).await?;
    Ok(!is_behind)
}

fn again(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}
