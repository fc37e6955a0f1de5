//! Changing a descriptor.

use super::document;
use super::quota::{Adds, Growth, NoRoom, Room};
use crate::engine::Engine;
use crate::jobs::{BackfillIndex, BuildTimeIndex, DropTimeIndex, Job, RekeyTable, RemoveIndex};
use crate::table::{Index, IndexStatus, Table};
use std::sync::Arc;
use stdx::future::Boxed;
use store::{Plan, StoreError};

/// Why a descriptor was not changed.
#[derive(Debug, Clone, PartialEq)]
pub enum AlterError {
    /// The table is gone.
    NotFound,
    /// It was changed since it was read: read it again.
    Changed,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for AlterError {
    fn from(error: StoreError) -> Self {
        AlterError::Store(error)
    }
}

/// Whether a change has to fit into what the account may have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quota {
    Ignored,
    Kept,
}

/// What came of a change.
pub(super) struct Altered(pub(super) Result<Arc<Table>, NoRoom>);

impl Altered {
    pub(super) fn whatever_it_has(self) -> Arc<Table> {
        self.0.unwrap_or_else(|no_room| unreachable!("the quota is ignored: {no_room:?}"))
    }
}

impl Engine {
    /// Replaces a descriptor, if it still is the one that was read: for settings, the feed and indexes. A new
    /// index is given a number above `index_number_max`, which it raises, and is Backfilling there; it
    /// becomes active by itself. One that is set to Deleting, at whatever stage, is removed by itself, with the
    /// attribute definitions that nothing else uses. The time index follows time to live in the same way. Identity
    /// and primary key stay as they are. Writes planned with the old one are planned again.
    pub async fn alter_table(
        &self,
        read: &Table,
        alter: impl FnOnce(&mut Table) + Send,
    ) -> Result<Arc<Table>, AlterError> {
        self.alter_by(read, Box::new(alter), Quota::Ignored).await.map(Altered::whatever_it_has)
    }

    /// The same within what the account may have provisioned in the region.
    pub async fn alter_table_within_quota(
        &self,
        read: &Table,
        alter: impl FnOnce(&mut Table) + Send,
    ) -> Result<Result<Arc<Table>, NoRoom>, AlterError> {
        self.alter_by(read, Box::new(alter), Quota::Kept).await.map(|Altered(altered)| altered)
    }

    fn alter_by<'a>(
        &'a self,
        read: &'a Table,
        alter: Box<dyn FnOnce(&mut Table) + Send + 'a>,
        quota: Quota,
    ) -> Boxed<'a, Result<Altered, AlterError>> {
        Box::pin(async move {
            let claim = self.claim(&read.scope, &read.name).await;
            self.refresh().await?;
            let now = self.table(&read.scope, &read.name).filter(|now| now.id == read.id);
            let now = now.ok_or(AlterError::NotFound)?;
            if now.schema_version != read.schema_version {
                return Err(AlterError::Changed);
            }
            let mut table = altered(&now, alter);
            let room = match quota {
                Quota::Ignored => Room::default(),
                Quota::Kept => match self.take_room(&[Growth::of(&now, &table)], Adds::Units).await? {
                    Ok(room) => room,
                    Err(no_room) => return Ok(Altered(Err(no_room))),
                },
            };
            let stream = self.alter_stream(&now, &mut table).await?;
            let jobs = jobs(&now, &table);
            let mut records = vec![document::put_table(&table)];
            records.extend(jobs.iter().map(Job::record));
            let raise = std::iter::once(table.fence()).chain(room.raise()).collect();
            let mut plan = Plan { records, raise, ..Plan::default() };
            stream.add_to(&mut plan);
            let fences = std::iter::once(now.fence()).chain(room.fences()).collect();
            let change = self.begin(fences, plan);
            let end = |engine: &Engine, table| {
                jobs.into_iter().for_each(|job| engine.jobs().start(job));
                table
            };
            let ended = self.see_through(claim, change, end).await?;
            room.close(ended.is_some());
            ended.ok_or(AlterError::Changed)?.ok_or(AlterError::NotFound).map(|table| Altered(Ok(table)))
        })
    }
}

/// What builds the indexes that are new, and removes those that are being deleted from now on.
pub(super) fn jobs(old: &Table, new: &Table) -> Vec<Job> {
    let status = |number| old.indexes.iter().find(|index| index.number == number).map(|index| index.status);
    let job = |index: &Index| match (status(index.number), index.status) {
        (None, IndexStatus::Backfilling) => Some(Job::BackfillIndex(BackfillIndex::of(new, index))),
        (Some(IndexStatus::Backfilling | IndexStatus::Active), IndexStatus::Deleting) => {
            Some(Job::RemoveIndex(RemoveIndex::of(new, index)))
        }
        _ => None,
    };
    new.indexes.iter().filter_map(job).chain(time_index_jobs(old, new)).chain(rekey_job(old, new)).collect()
}

/// What brings all rows under another data key, or under none.
fn rekey_job(old: &Table, new: &Table) -> Option<Job> {
    let sealing = new.settings.sealing.as_ref();
    let sealing = sealing.filter(|now| now.is_rekeying && old.settings.sealing.as_ref() != Some(now))?;
    Some(Job::RekeyTable(RekeyTable::of(new, sealing.current)))
}

/// What drops the time index of a time to live that is switched off, and builds that of one that is switched on.
fn time_index_jobs<'a>(old: &'a Table, new: &'a Table) -> impl Iterator<Item = Job> + 'a {
    let is_changed = old.settings.time_to_live != new.settings.time_to_live;
    let of = move |table: &'a Table| table.settings.time_to_live.as_ref().filter(|_| is_changed);
    let dropped = of(old).map(|before| Job::DropTimeIndex(DropTimeIndex::of(old, before)));
    let built = of(new).map(|now| Job::BuildTimeIndex(BuildTimeIndex::of(new, now)));
    dropped.into_iter().chain(built)
}

pub(super) fn altered(table: &Table, alter: impl FnOnce(&mut Table)) -> Table {
    let mut altered = table.clone();
    alter(&mut altered);
    Table {
        id: table.id,
        schema_version: table.schema_version + 1,
        scope: table.scope.clone(),
        name: table.name.clone(),
        uuid: table.uuid.clone(),
        hash_key: table.hash_key,
        key: table.key.clone(),
        had_consumers: table.had_consumers || !table.consumers.is_empty(),
        ..altered
    }
}
