//! Copying the items of a table as they were at one position, while writes go on: the items as they are, in the order
//! of their keys, then the first old image behind the position of each item that has one. Each step ends with rows to
//! be put in the commit that keeps how far it has come, so it is taken once.
//!
//! What has changed between two times is [collected](collecting) likewise.

mod collecting;

use super::Surroundings;
use super::commit::alter;
use super::items::visit_lot;
use crate::backup::{CopiedItem, CopyId, Totals};
use crate::feed::{Boundary, ChangeRecord, Consumer, ConsumerKind};
use crate::keys::{HASH_AT, ItemKey};
use crate::row::RowFault;
use crate::stream;
use crate::table::{Sealing, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::wait::wait;
use store::{
    Consistency, FeedCursor, FeedRecord, Plan, Position, RowWrite, Store, StoreError, Visit, place_at,
};
use types::Item;

/// Records of the feed that one step reads, and their bytes.
const RECORDS_MAX: usize = 1_000;
const RECORDS_BYTES_MAX: usize = 1 << 20;

/// A copy that is being made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Copying {
    copy: CopyId,
    table: Arc<Table>,
    since: Since,
    /// For which consumer the table records old images, where it does for this copy.
    consumer: Option<String>,
    /// How the copy is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealing: Option<Sealing>,
    stage: Stage,
    totals: Totals,
}

/// What the copy is as of.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Since {
    /// The boundary of a change of the table, which is behind a position.
    Boundary { schema_version: u64, after: u128 },
    /// A time, in microseconds since the Unix epoch: what was committed then is part of it.
    Time(u64),
    /// The end of the table, which is deleted.
    End,
    /// Not the table, but what has changed in it from one time until before another one, in microseconds since the Unix
    /// epoch.
    Changes { from_micros: u64, to_micros: u64 },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Stage {
    /// Behind which item the next lot begins.
    Items { after: Option<Vec<u8>> },
    /// Up to where the feed is read, and what is its last position that counts.
    Changes { position: u128, index: u32, until: u128 },
    /// Up to where changes are collected, which end there if no later time is met before.
    Collecting { position: u128, index: u32, until: u128 },
    /// Behind which changed item the next lot begins that gets the items as they are.
    Current { after: Option<Vec<u8>> },
}

/// What a step came to.
pub(super) enum Copied {
    /// There is more to do once these rows are put.
    Some(Vec<RowWrite>),
    /// The copy is complete.
    All,
}

impl Copying {
    pub(crate) fn of(
        table: &Arc<Table>,
        copy: CopyId,
        sealing: Option<Sealing>,
        since: Since,
        consumer: Option<String>,
    ) -> Copying {
        let table = Arc::clone(table);
        let stage = match since {
            Since::Changes { .. } => Stage::Collecting { position: 0, index: 0, until: 0 },
            _ => Stage::Items { after: None },
        };
        Copying { copy, table, since, consumer, sealing, stage, totals: Totals::default() }
    }

    /// Whether items and feed of this table are read.
    pub(super) fn reads(&self, table_id: u32) -> bool {
        self.table.id == table_id
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn copy(&self) -> CopyId {
        self.copy
    }

    pub(super) fn totals(&self) -> Totals {
        self.totals
    }

    /// Tells the table that old images are not needed for this copy any more. False: the table was changed meanwhile.
    pub(super) fn forget_consumer(&self, around: &Surroundings) -> Result<bool, StoreError> {
        let Table { id, scope, name, .. } = self.table();
        let found = wait(around.catalog.reload(around.store(), scope, name))?;
        let Some(table) = found.filter(|table| table.id == *id) else { return Ok(true) };
        let is_other = |consumer: &Consumer| {
            consumer.kind != ConsumerKind::Backup || Some(&consumer.id) != self.consumer.as_ref()
        };
        if table.consumers.iter().all(is_other) {
            return Ok(true);
        }
        alter(around, &table, Plan::default(), |table| {
            table.consumers.retain(is_other);
            table.had_consumers = true;
        })
    }

    /// Learns the keys with which the table is read, which may have been deleted, and the copy is written.
    pub(super) fn learn_keys(&mut self, around: &Surroundings) -> Result<(), StoreError> {
        let Table { id, scope, name, .. } = self.table();
        let keys = around.catalog.keys();
        match around.table(scope, name, *id)? {
            Some(now) => self.keep_sealing(&now),
            None => wait(keys.learn_of_gone(&self.table))?,
        }
        wait(keys.learn_copy(self.copy, &self.table, self.sealing.as_ref()))
    }

    /// Remembers how the table is sealed by now, for when it is gone.
    fn keep_sealing(&mut self, now: &Table) {
        if self.table.settings.sealing != now.settings.sealing {
            Arc::make_mut(&mut self.table).settings.sealing.clone_from(&now.settings.sealing);
        }
    }

    /// The copy is dropped.
    pub(super) fn release_keys(&self, around: &Surroundings) {
        wait(around.catalog.keys().release_copy(&self.table.scope, self.sealing.as_ref()));
    }

    /// Reads the next lot.
    pub(super) fn advance(&mut self, store: &dyn Store, items_max: usize) -> Result<Copied, StoreError> {
        match self.stage.clone() {
            Stage::Items { after } => self.copy_items(store, after.as_deref(), items_max),
            Stage::Changes { position, index, until } => {
                let read = FeedCursor { position: Position(position), index };
                self.take_back_changes(store, read, Position(until))
            }
            Stage::Collecting { position, index, until } => {
                let read = FeedCursor { position: Position(position), index };
                self.collect(store, read, Position(until))
            }
            Stage::Current { after } => self.add_current(store, after.as_deref(), items_max),
        }
    }

    fn copy_items(
        &mut self,
        store: &dyn Store,
        after: Option<&[u8]>,
        items_max: usize,
    ) -> Result<Copied, StoreError> {
        let (mut rows, mut last) = (Vec::new(), None);
        let Copying { copy, table, totals, .. } = self;
        visit_lot(store, table, after, items_max, |key, row| {
            let item = Some((row.item(), row.size_bytes as usize));
            rows.push(put(*copy, &key[HASH_AT..], item, false, totals)?);
            last = Some(key.to_vec());
            Ok(())
        })?;
        if last.is_some() {
            self.stage = Stage::Items { after: last };
            return Ok(Copied::Some(rows));
        }
        self.begin_taking_back(store)
    }

    /// All items were read as they are: what is behind the time of the copy is taken back.
    fn begin_taking_back(&mut self, store: &dyn Store) -> Result<Copied, StoreError> {
        // No row was read that is younger than this.
        let until = store.newest().wait()?.0;
        let Some(FeedCursor { position, index }) = self.first_change(store)? else { return Ok(Copied::All) };
        self.stage = Stage::Changes { position: position.0, index, until };
        Ok(Copied::Some(Vec::new()))
    }

    /// Behind which record the changes begin that are not part of the copy.
    pub(super) fn first_change(&self, store: &dyn Store) -> Result<Option<FeedCursor>, StoreError> {
        let feed = self.table.feed_id();
        Ok(match self.since {
            Since::Boundary { schema_version, after } => {
                let boundary = wait(stream::boundary(store, feed, "", schema_version, after))?;
                Some(FeedCursor::behind(Position(boundary)))
            }
            Since::Time(time_micros) => Some(wait(place_at(store, feed, time_micros.saturating_add(1)))?),
            Since::Changes { to_micros, .. } => Some(wait(place_at(store, feed, to_micros))?),
            Since::End => None,
        })
    }

    fn take_back_changes(
        &mut self,
        store: &dyn Store,
        read: FeedCursor,
        until: Position,
    ) -> Result<Copied, StoreError> {
        if read >= FeedCursor::behind(until) {
            return Ok(Copied::All);
        }
        let changes = Changes::read(store, &self.table, read, until)?;
        let rows = match self.since {
            Since::Changes { .. } => self.settle_changes(store, &changes.first)?,
            _ => self.settle(store, &changes.first)?,
        };
        let FeedCursor { position, index } = changes.read;
        self.stage = Stage::Changes { position: position.0, index, until: until.0 };
        Ok(Copied::Some(rows))
    }

    /// Puts the items as they were before their first change, where that is not known yet.
    pub(super) fn settle(
        &mut self,
        store: &dyn Store,
        first: &BTreeMap<Vec<u8>, Option<Item>>,
    ) -> Result<Vec<RowWrite>, StoreError> {
        let keys: Vec<Vec<u8>> = first.keys().map(|key| [&self.copy.prefix()[..], key].concat()).collect();
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let (mut rows, mut fault) = (Vec::new(), None);
        let before: Vec<(&Vec<u8>, &Option<Item>)> = first.iter().collect();
        let mut visit = |at: usize, row: Option<&[u8]>| {
            let (key, item) = before[at];
            match settled(self.copy, (key.as_slice(), item.as_ref()), row, &mut self.totals) {
                Ok(row) => rows.extend(row),
                Err(found) => fault = Some(found),
            }
            if fault.is_some() { Visit::Stop } else { Visit::Continue }
        };
        store.get_many(&keys, Consistency::Strong, &mut visit).wait()?;
        fault.map_or(Ok(rows), Err)
    }
}

/// The row of an item, added to the totals.
fn put(
    copy: CopyId,
    key: &[u8],
    item: Option<(types::MapRef<'_>, usize)>,
    is_settled: bool,
    totals: &mut Totals,
) -> Result<RowWrite, RowFault> {
    let row = CopiedItem::encode(key, item, is_settled);
    totals.add(&CopiedItem::read(key, &row).map_err(|_| RowFault::Short)?);
    Ok(RowWrite { key: [&copy.prefix()[..], key].concat(), row: Some(row) })
}

/// The row of an item that was changed, if this is its first change.
fn settled(
    copy: CopyId,
    (key, item): (&[u8], Option<&Item>),
    row: Option<&[u8]>,
    totals: &mut Totals,
) -> Result<Option<RowWrite>, StoreError> {
    let copied = row.map(|row| CopiedItem::read(key, row)).transpose();
    let copied = copied.map_err(|fault| StoreError::Corrupt(fault.to_string()))?;
    if copied.is_some_and(|copied| copied.is_settled) {
        return Ok(None);
    }
    copied.iter().for_each(|copied| totals.remove(copied));
    let item = item.map(|item| (item.as_ref(), item.size_bytes()));
    Ok(Some(put(copy, key, item, true, totals)?))
}

/// A stretch of the feed.
pub(super) struct Changes {
    /// The items before the first of their changes in it; `None` where there was none.
    pub(super) first: BTreeMap<Vec<u8>, Option<Item>>,
    /// Up to where it is read.
    pub(super) read: FeedCursor,
}

impl Changes {
    pub(super) fn read(
        store: &dyn Store,
        table: &Table,
        after: FeedCursor,
        until: Position,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes { first: BTreeMap::new(), read: after };
        let (mut bytes, mut is_stopped, mut fault) = (0, false, None);
        let (mut records, mut is_end) = (0, false);
        let mut visit = |record: FeedRecord<'_>| {
            is_end = record.stamp.position > until;
            if is_end {
                return Visit::Stop;
            }
            (records, bytes) = (records + 1, bytes + record.bytes.len());
            match changes.take(table, record) {
                Ok(()) => is_stopped = bytes >= RECORDS_BYTES_MAX || records == RECORDS_MAX,
                Err(found) => fault = Some(found),
            }
            if is_stopped || fault.is_some() { Visit::Stop } else { Visit::Continue }
        };
        let safe_until = store.tail(table.feed_id(), after, RECORDS_MAX, &mut visit).wait()?;
        if let Some(fault) = fault {
            return Err(fault.into());
        }
        if is_end || !is_stopped && safe_until >= until {
            changes.read = FeedCursor::behind(until);
        }
        Ok(changes)
    }

    /// A change that was recorded before old images were has none and says nothing.
    fn take(&mut self, table: &Table, record: FeedRecord<'_>) -> Result<(), RowFault> {
        self.read = record.cursor();
        if Boundary::read(record.bytes)?.is_some() {
            return Ok(());
        }
        let change = ChangeRecord::read(record.bytes)?;
        if change.existed == change.old.is_some() {
            let key = ItemKey::of_map(table, change.key).map_err(|_| RowFault::OtherKey)?;
            let key = key.as_bytes()[HASH_AT..].to_vec();
            self.first.entry(key).or_insert_with(|| change.old.map(types::MapRef::to_item));
        }
        Ok(())
    }
}
