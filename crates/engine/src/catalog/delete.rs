//! Deleting a table: the name is free at once, a job drops its data.

use super::document::{self, Kind};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::feed::cursor;
use crate::jobs::{DropTable, Job, TrimFeed};
use crate::stream;
use crate::table::Table;
use stdx::future::Boxed;
use store::{Fence, Plan, RecordWrite, StoreError};

/// The schema version of a table that was deleted or never existed: nothing is planned with it, and the store
/// keeps nothing of it.
pub(crate) const GONE: u64 = 0;

/// Why a table was not deleted.
#[derive(Debug, Clone, PartialEq)]
pub enum DeleteError {
    /// It was deleted before.
    NotFound,
    /// It is protected against deletion.
    Protected,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for DeleteError {
    fn from(error: StoreError) -> Self {
        DeleteError::Store(error)
    }
}

/// What the deletion of a table commits beside it.
#[derive(Default)]
pub(super) struct Beside {
    pub fences: Vec<Fence>,
    pub raise: Vec<Fence>,
    pub records: Vec<RecordWrite>,
    pub jobs: Vec<Job>,
}

impl Engine {
    /// Deletes a table with all it holds.
    pub async fn delete_table(&self, table: &Table) -> Result<(), DeleteError> {
        self.delete_table_showing(table, 0).await
    }

    /// The same, with a name that shows as being deleted until a time ([`Engine::deleted_table`]).
    pub async fn delete_table_showing(&self, table: &Table, until_micros: u64) -> Result<(), DeleteError> {
        for _ in 0..Engine::PLANS_MAX {
            if let Some(()) = self.try_delete(table, until_micros, Beside::default()).await? {
                return Ok(());
            }
            self.store().settled().await?; // another engine has changed the table: durable by then
        }
        Err(DeleteError::Store(Engine::table_keeps_changing()))
    }

    /// `None`: another engine has changed the table, or what is changed beside it, meanwhile.
    pub(super) fn try_delete<'a>(
        &'a self,
        table: &'a Table,
        until_micros: u64,
        beside: Beside,
    ) -> Boxed<'a, Result<Option<()>, DeleteError>> {
        Box::pin(async move {
            let claim = self.claim(&table.scope, &table.name).await;
            self.refresh().await?;
            let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
            let table = table.ok_or(DeleteError::NotFound)?;
            if table.settings.deletion_protection {
                return Err(DeleteError::Protected);
            }
            let stream = self.end_stream(&table).await?;
            let streams = stream::all_of_table(self.store(), &table.scope, &table.name, table.id).await;
            let streams = streams.map_err(EngineError::into_store)?;
            let has_streams = !streams.is_empty();
            let job = Job::DropTable(DropTable::of(&table, has_streams));
            let backup = self.system_backup(&table).await?;
            let records = [document::delete(Kind::Table, &table.scope, &table.name), job.record()];
            let remembered = self.remember_deleted(&table, until_micros).await?;
            let ended = streams.iter().filter(|stream| stream.disabled_micros.is_some());
            let ended = ended.filter_map(|stream| stream.with_keys_of(&table));
            let records =
                records.into_iter().chain(cursor::forget(&table)).chain(remembered).chain(ended).collect();
            let raise = vec![Fence { subject: u64::from(table.id), version: GONE }];
            let mut plan = Plan { records, raise, ..Plan::default() };
            plan.records.extend(beside.records);
            plan.records.extend(beside.jobs.iter().map(Job::record));
            plan.raise.extend(beside.raise);
            let fences = std::iter::once(table.fence()).chain(beside.fences).collect();
            stream.add_to(&mut plan);
            let copy = backup.map(|backup| backup.begin(&mut plan));
            let change = self.begin(fences, plan);
            let trim = has_streams.then(|| Job::TrimFeed(TrimFeed::of(&table)));
            let jobs = copy.into_iter().chain(trim).chain([job]).chain(beside.jobs);
            let end = |engine: &Engine, _| jobs.for_each(|job| engine.jobs().start(job));
            Ok(self.see_through(claim, change, end).await?)
        })
    }
}
