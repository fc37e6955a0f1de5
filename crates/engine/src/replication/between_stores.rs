//! Replication between replicas on different stores: what one hands out and takes in. Who carries it is decided above.
//!
//! It is the same as among replicas of one store: the same records of the same consumers, the same stamps, the same
//! rule which write wins. Tombstones are forgotten by the same argument ([`crate::jobs`]'s sweep), in which each store
//! has positions of its own: a [`Mark`] of every store takes the place of the one position.

use super::{Replicated, Stamped, has_read, is_to_be_brought, write_from};
use crate::engine::Engine;
use crate::feed::{Boundary, ChangeRecord, Consumer};
use crate::jobs::{forget_tombstones, tombstones_behind, visit_items, visit_tombstones};
use crate::replication::tombstone::Tombstone;
use crate::table::Table;
use std::sync::Arc;
use stdx::future::Boxed;
use store::lease::Lease;
use store::{FeedRecord, Position, StoreError, Visit};
use types::{Item, MapRef};

/// A write on its way to another store.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// When it was made, in microseconds since the Unix epoch.
    pub time_micros: u64,
    /// In which region.
    pub origin: Arc<str>,
    /// The item, or the key of one that is gone.
    pub item: Item,
    /// Whether there is an item.
    pub exists: bool,
}

/// How far a copy of a table has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Rows {
    /// Behind which tombstone or item it goes on.
    pub after: Option<Vec<u8>>,
    /// Tombstones come before items.
    pub tombstones_are_done: bool,
    /// Items so far.
    pub items: u64,
}

/// A place in the history of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(pub u128);

/// Records of one batch, and their bytes; one record may be larger.
const RECORDS_MAX: usize = 512;
const BYTES_MAX: usize = 1 << 20;
/// Rows of a lot of a copy.
const LOT_ROWS: usize = 512;
/// Tombstones that are looked at in one round.
const TOMBSTONES_MAX: usize = 1_024;
/// How far behind the time of its receiver the time of a write may be at most, in microseconds: a day.
const AHEAD_MICROS_MAX: u64 = 86_400_000_000;

impl Engine {
    /// The next changes of a table for a replica on another store that were committed up to a time, in microseconds
    /// since the Unix epoch.
    ///
    /// # Errors
    /// When the store fails.
    pub fn changes_for<'a>(
        &'a self,
        table: &'a Table,
        consumer: &'a Consumer,
        until_micros: u64,
    ) -> Boxed<'a, Result<(Vec<Carried>, Replicated), StoreError>> {
        Box::pin(async move {
            let read = self.acknowledged(table, consumer).await?;
            let (mut changes, mut done) = (Vec::new(), Replicated { read, ..Replicated::default() });
            let (mut bytes, mut fault) = (0, Ok(()));
            let mut visit = |record: FeedRecord<'_>| {
                if record.stamp.time_micros > until_micros {
                    return Visit::Stop;
                }
                (done.records, done.read) = (done.records + 1, record.cursor());
                match carried(table, record.bytes) {
                    Ok(Some(change)) => {
                        bytes += record.bytes.len();
                        done.oldest_micros.get_or_insert(record.stamp.time_micros);
                        changes.push(change);
                    }
                    Ok(None) => {}
                    Err(error) => fault = Err(error),
                }
                if fault.is_ok() && bytes < BYTES_MAX { Visit::Continue } else { Visit::Stop }
            };
            self.store().tail(table.feed_id(), read, RECORDS_MAX, &mut visit).await?;
            fault?;
            done.writes = changes.len();
            done.has_more = done.records == RECORDS_MAX || bytes >= BYTES_MAX;
            Ok((changes, done))
        })
    }

    /// Keeps that another store has what was read, if the lease is held.
    ///
    /// # Errors
    /// When the store fails, the table was changed meanwhile, or the lease was lost.
    pub fn changes_are_there<'a>(
        &'a self,
        table: &'a Table,
        consumer: &'a Consumer,
        done: &'a Replicated,
        lease: &'a Lease,
    ) -> Boxed<'a, Result<(), StoreError>> {
        Box::pin(async move { self.acknowledge_under(table, consumer, done.read, lease).await })
    }

    /// Writes what another store has sent, as far as it is later than what is here. It may come twice.
    ///
    /// # Errors
    /// When the store fails, the table was changed meanwhile, or something is none of this table's: then some may be
    /// written.
    pub fn take_carried<'a>(
        &'a self,
        table: &'a Arc<Table>,
        changes: Vec<Carried>,
    ) -> Boxed<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let now = self.now_micros();
            let mut writes = Vec::with_capacity(changes.len());
            for Carried { time_micros, origin, item, exists } in changes {
                if time_micros > now.saturating_add(AHEAD_MICROS_MAX) {
                    return Err(StoreError::Corrupt("a write of another store is a day ahead".to_owned()));
                }
                let stamp = Stamped { time_micros, origin: Some(&origin) };
                writes.push((Arc::clone(table), write_from(table, table, item.as_ref(), exists, stamp)?));
            }
            self.write_replicated(&writes, &Lease::NotNeeded).await
        })
    }

    /// The next rows of a table for a new replica on another store, and how far the copy has come with them; `None`:
    /// that was all. Reads the store, so not on a thread that serves requests.
    ///
    /// # Errors
    /// When the store fails.
    pub fn rows_for_copy(
        &self,
        table: &Table,
        from: &Rows,
    ) -> Result<(Vec<Carried>, Option<Rows>), StoreError> {
        let (mut lot, mut last) = (Vec::new(), None);
        let mut take = |key: &[u8], item: MapRef<'_>, exists, (time_micros, origin): (u64, Option<&str>)| {
            last = Some(key.to_vec());
            let origin = origin.unwrap_or(&table.scope.region).into();
            lot.push(Carried { time_micros, origin, item: item.to_item(), exists });
        };
        let after = from.after.as_deref();
        if from.tombstones_are_done {
            visit_items(self.store(), table, after, LOT_ROWS, |key, row| {
                take(key, row.item(), true, (row.write_time_micros, row.origin));
                Ok(())
            })?;
        } else {
            visit_tombstones(self.store(), table, after, LOT_ROWS, |key, row| {
                let stone = Tombstone::read(row)?;
                take(key, stone.key, false, (stone.write_time_micros, stone.origin));
                Ok(())
            })?;
        }
        let items = from.items + if from.tombstones_are_done { lot.len() as u64 } else { 0 };
        let next = match (last, from.tombstones_are_done) {
            (Some(after), tombstones_are_done) => {
                Some(Rows { after: Some(after), tombstones_are_done, items })
            }
            (None, false) => Some(Rows { after: None, tombstones_are_done: true, items }),
            (None, true) => None,
        };
        Ok((lot, next))
    }

    /// The place that this store has come to.
    ///
    /// # Errors
    /// When the store fails.
    pub fn mark(&self) -> Boxed<'_, Result<Mark, StoreError>> {
        Box::pin(async move { Ok(Mark(self.store().newest().await?.0)) })
    }

    /// Whether the feeds of some replicas were read up to a place by all others, on this store and elsewhere.
    ///
    /// # Errors
    /// When the store fails.
    pub fn all_have_read<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        mark: Mark,
    ) -> Boxed<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            for member in members {
                for consumer in member.replication_consumers() {
                    if !has_read(self.store(), member, consumer, Some(Position(mark.0))).await? {
                        return Ok(false);
                    }
                }
            }
            Ok(true)
        })
    }

    /// Whether the feeds of some replicas were read up to a place by the one in a region.
    ///
    /// # Errors
    /// When the store fails.
    pub fn has_been_read_by<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        region: &'a str,
        mark: Mark,
    ) -> Boxed<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            for member in members {
                for consumer in member.replication_consumers().filter(|consumer| consumer.id == region) {
                    if !has_read(self.store(), member, consumer, Some(Position(mark.0))).await? {
                        return Ok(false);
                    }
                }
            }
            Ok(true)
        })
    }

    /// Some tombstones of a table that are old enough to be forgotten once no replica needs them, and behind which to
    /// go on. Reads the store, so not on a thread that serves requests.
    ///
    /// # Errors
    /// When the store fails.
    pub fn old_tombstones(&self, table: &Table, after: Option<&[u8]>) -> Result<OldTombstones, StoreError> {
        let (rows, after) = tombstones_behind(self.store(), table, after, TOMBSTONES_MAX, self.now_micros())?;
        Ok(OldTombstones { rows, after })
    }

    /// Forgets those that still are what they were. Writes to the store, so not on a thread that serves requests.
    ///
    /// # Errors
    /// When the store fails.
    pub fn forget_old_tombstones(&self, old: &OldTombstones) -> Result<u64, StoreError> {
        forget_tombstones(self.store(), &old.rows)
    }
}

/// Tombstones that may go.
#[derive(Debug, Clone, Default)]
pub struct OldTombstones {
    rows: Vec<(Vec<u8>, Vec<u8>)>,
    /// Behind which the next round begins; `None`: from the first.
    pub after: Option<Vec<u8>>,
}

impl OldTombstones {
    /// Whether there are none.
    pub fn are_none(&self) -> bool {
        self.rows.is_empty()
    }
}

/// What a record of a feed is to another store: what came from another region is not passed on, and what was recorded
/// before there were replicas has no time.
fn carried(table: &Table, record: &[u8]) -> Result<Option<Carried>, StoreError> {
    if Boundary::read(record)?.is_some() || !is_to_be_brought(record) {
        return Ok(None);
    }
    let change = ChangeRecord::read(record)?;
    let (Some(time_micros), item) =
        (change.write_time_micros, if change.exists { change.new } else { Some(change.key) })
    else {
        return Ok(None);
    };
    let origin = Arc::clone(&table.scope.region);
    Ok(item.map(|item| Carried { time_micros, origin, item: item.to_item(), exists: change.exists }))
}
