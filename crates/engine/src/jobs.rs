//! Background work: dropping what a deleted table has left, sweeping expired items and tokens,
//! trimming change feeds, replacing shards of streams, building and removing indexes, bringing tables under other keys,
//! backups and restores, filling
//! replicas and forgetting what they had to remember.
//!
//! A job is done in steps of a few milliseconds. Where it must survive a restart it is a document of the store,
//! rewritten with its cursor in the commit of each step, so that it resumes where it was. A step that fails is
//! tried again after a while. Jobs wait for times of the injected clock; no thread wakes while none is due.
//! Several engines may run on one store: a job is done by the one that holds its lease, and another one
//! [adopts](adopt) it when that lease has expired.

mod adopt;
mod backfill_index;
mod build_time_index;
mod commit;
mod copy_table;
mod copying;
mod drop_copy;
mod drop_table;
mod drop_time_index;
mod drop_tombstones;
mod fill_replica;
mod items;
mod pace;
mod rekey_table;
mod remove_index;
mod restore_table;
mod scheduler;
mod sweep_expired;
mod sweep_tokens;
mod sweep_tombstones;
mod tend_shards;
mod trim_feed;

pub(crate) use adopt::{AdoptJobs, all_the_time};
pub(crate) use backfill_index::BackfillIndex;
pub(crate) use build_time_index::BuildTimeIndex;
pub(crate) use copy_table::CopyTable;
pub(crate) use copying::{Copying, Since};
pub(crate) use drop_copy::DropCopy;
pub(crate) use drop_table::DropTable;
pub(crate) use drop_time_index::DropTimeIndex;
pub(crate) use drop_tombstones::DropTombstones;
pub(crate) use fill_replica::{FillReplica, visit_tombstones};
pub(crate) use items::visit_lot as visit_items;
pub(crate) use rekey_table::RekeyTable;
pub(crate) use remove_index::RemoveIndex;
pub(crate) use restore_table::{RestoreTable, RestoredFrom};
pub(crate) use scheduler::Jobs;
pub(crate) use sweep_expired::SweepExpired;
pub(crate) use sweep_tokens::SweepTokens;
pub(crate) use sweep_tombstones::{SweepTombstones, forget as forget_tombstones, tombstones_behind};
pub(crate) use tend_shards::TendShards;
pub(crate) use trim_feed::TrimFeed;

use crate::catalog::Catalog;
use crate::catalog::document::{self, Kind};
use crate::options::EngineOptions;
use crate::read::ReadSign;
use crate::table::{Scope, Table};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use store::lease::Leases;
use store::wait::wait;
use store::{Fence, Plan, RecordWrite, RowWrite, Store, StoreError};

/// The kinds of job there are. The name of a variant is part of its document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Job {
    DropTable(DropTable),
    BackfillIndex(BackfillIndex),
    RemoveIndex(RemoveIndex),
    BuildTimeIndex(BuildTimeIndex),
    DropTimeIndex(DropTimeIndex),
    RekeyTable(RekeyTable),
    SweepExpired(SweepExpired),
    SweepTokens(SweepTokens),
    TrimFeed(TrimFeed),
    TendShards(TendShards),
    CopyTable(CopyTable),
    DropCopy(DropCopy),
    RestoreTable(RestoreTable),
    FillReplica(FillReplica),
    DropTombstones(DropTombstones),
    SweepTombstones(SweepTombstones),
    AdoptJobs(AdoptJobs),
    #[cfg(test)]
    Walk(tests::Walk),
}

/// What a step came to.
pub(crate) enum Step {
    /// There is more to do. The plan is committed together with the job's new cursor.
    Progress(Plan),
    /// The same, after so long a rest.
    Rest(Plan, Duration),
    /// The same, if a table's descriptor is still the one that was planned with.
    Fenced { plan: Plan, fence: Fence, rest: Duration },
    /// The job is done once this plan is committed.
    Done(Plan),
    /// These jobs are to be started where they are not there yet. There is nothing else to do before this time.
    Start(Vec<Job>, u64),
    /// There is nothing to do before this time, in microseconds since the Unix epoch.
    WaitUntil(u64),
}

impl Step {
    /// The same with rows that are put in the commit of the job's new cursor.
    fn with_rows(mut self, rows: Vec<RowWrite>) -> Step {
        if let Step::Progress(plan) | Step::Rest(plan, _) = &mut self {
            plan.rows.extend(rows);
        }
        self
    }

    /// Progress with this plan, which was made with the descriptor that has this fence.
    fn under(self, fence: Fence, plan: Plan) -> Step {
        let rest = if let Step::Rest(_, rest) = self { rest } else { Duration::ZERO };
        Step::Fenced { plan, fence, rest }
    }
}

/// Jobs of different lanes do not wait for each other; those of one lane take turns, a step each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// A few steps.
    Short,
    /// As many steps as a table has items.
    Long,
}

/// What jobs run on.
pub(crate) struct Surroundings {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub catalog: Arc<Catalog>,
    pub options: EngineOptions,
    pub reads: Arc<ReadSign>,
    /// In the name of this engine among those that run on the store.
    pub leases: Leases,
}

impl Surroundings {
    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The tables with time to live as the store has them now.
    fn expiring_tables(&self) -> Result<Vec<Arc<Table>>, StoreError> {
        wait(self.catalog.refresh(self.store()))?;
        Ok(self
            .catalog
            .tables_where(|table| table.settings.time_to_live.is_some() && !table.settings.is_leaving()))
    }

    /// The table of a name as the store has it now; `None` if it was deleted, even if there is another one of its name.
    fn table(&self, scope: &Scope, name: &str, id: u32) -> Result<Option<Arc<Table>>, StoreError> {
        wait(self.catalog.refresh(self.store()))?;
        Ok(self.catalog.table(scope, name).filter(|table| table.id == id))
    }

    /// How many items a table has.
    fn items(&self, table: &Table) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.store().counter(table.count_counter(0)).wait()?).unwrap_or(0))
    }

    /// Until when an index shows its transitional status, before it is built or removed: its job waits.
    fn still_shows(&self, table: &Table, index: u16) -> Option<u64> {
        let until_micros = table.settings.index_shows_until_micros(index);
        (self.clock.now_micros() < until_micros).then_some(until_micros)
    }
}

/// How far a job has come.
#[derive(Debug, Clone, PartialEq)]
pub struct JobProgress {
    /// Which job, such as `drop-table-0000000007`.
    pub id: String,
    /// What it has done, in its own units: steps, items.
    pub done: u64,
    /// Percentage of items done, where the job counts them.
    pub percent: Option<f64>,
    /// The time of its next step, where it waits; in microseconds since the Unix epoch.
    pub waits_until_micros: Option<u64>,
    /// Why its last step failed, if it did.
    pub failure: Option<String>,
}

impl Job {
    fn id(&self) -> String {
        match self {
            Job::DropTable(job) => format!("drop-table-{:010}", job.table_id()),
            Job::BackfillIndex(job) => job.id(),
            Job::RemoveIndex(job) => job.id(),
            Job::BuildTimeIndex(job) => job.id(),
            Job::DropTimeIndex(job) => job.id(),
            Job::RekeyTable(job) => job.id(),
            Job::SweepExpired(_) => sweep_expired::ID.to_owned(),
            Job::SweepTokens(_) => "sweep-tokens".to_owned(),
            Job::TrimFeed(job) => format!("trim-feed-{:010}", job.table_id()),
            Job::TendShards(job) => format!("tend-shards-{:010}", job.table_id()),
            Job::CopyTable(job) => job.id(),
            Job::DropCopy(job) => job.id(),
            Job::RestoreTable(job) => job.id(),
            Job::FillReplica(job) => job.id(),
            Job::DropTombstones(job) => job.id(),
            Job::SweepTombstones(job) => job.id(),
            Job::AdoptJobs(_) => AdoptJobs::ID.to_owned(),
            #[cfg(test)]
            Job::Walk(job) => format!("walk-{}", job.id),
        }
    }

    fn lane(&self) -> Lane {
        match self {
            Job::DropTable(_) | Job::RemoveIndex(_) | Job::DropTimeIndex(_) | Job::DropCopy(_) => Lane::Short,
            Job::SweepExpired(_) | Job::SweepTokens(_) | Job::TrimFeed(_) => Lane::Short,
            Job::TendShards(_) | Job::AdoptJobs(_) => Lane::Short,
            Job::DropTombstones(_) | Job::SweepTombstones(_) => Lane::Short,
            Job::BackfillIndex(_) | Job::BuildTimeIndex(_) | Job::RekeyTable(_) => Lane::Long,
            Job::CopyTable(_) | Job::RestoreTable(_) | Job::FillReplica(_) => Lane::Long,
            #[cfg(test)]
            Job::Walk(_) => Lane::Long,
        }
    }

    /// Whether the job has a document. Without one it is done by every engine, and started by each again.
    fn is_kept(&self) -> bool {
        !matches!(
            self,
            Job::SweepExpired(_)
                | Job::SweepTokens(_)
                | Job::TrimFeed(_)
                | Job::TendShards(_)
                | Job::SweepTombstones(_)
                | Job::AdoptJobs(_)
        )
    }

    fn done(&self) -> u64 {
        match self {
            Job::DropTable(job) => job.done(),
            Job::BackfillIndex(job) => job.done(),
            Job::RemoveIndex(_) | Job::DropTimeIndex(_) | Job::DropCopy(_) | Job::AdoptJobs(_) => 0,
            Job::DropTombstones(_) => 0,
            Job::FillReplica(job) => job.done(),
            Job::SweepTombstones(job) => job.done(),
            Job::CopyTable(job) => job.done(),
            Job::RestoreTable(job) => job.done(),
            Job::BuildTimeIndex(job) => job.done(),
            Job::RekeyTable(job) => job.done(),
            Job::SweepExpired(job) => job.done(),
            Job::SweepTokens(job) => job.done(),
            Job::TrimFeed(job) => job.done(),
            Job::TendShards(job) => job.done(),
            #[cfg(test)]
            Job::Walk(job) => job.walked,
        }
    }

    fn percent(&self) -> Option<f64> {
        match self {
            Job::BackfillIndex(job) => job.percent(),
            Job::BuildTimeIndex(job) => job.percent(),
            Job::RekeyTable(job) => job.percent(),
            Job::RestoreTable(job) => job.percent(),
            Job::FillReplica(job) => job.percent(),
            _ => None,
        }
    }

    fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        match self {
            Job::DropTable(job) => job.step(around),
            Job::CopyTable(job) => job.step(around),
            Job::DropCopy(job) => job.step(around.store()),
            Job::RestoreTable(job) => job.step(around),
            Job::FillReplica(job) => job.step(around),
            Job::DropTombstones(job) => job.step(around.store()),
            Job::SweepTombstones(job) => job.step(around),
            Job::BackfillIndex(job) => job.step(around),
            Job::RemoveIndex(job) => job.step(around),
            Job::BuildTimeIndex(job) => job.step(around),
            Job::DropTimeIndex(job) => job.step(around.store()),
            Job::RekeyTable(job) => job.step(around),
            Job::SweepExpired(job) => job.step(around),
            Job::SweepTokens(job) => job.step(around),
            Job::TrimFeed(job) => job.step(around),
            Job::TendShards(job) => job.step(around),
            Job::AdoptJobs(job) => job.step(around),
            #[cfg(test)]
            Job::Walk(job) => job.step(around),
        }
    }

    /// Reads what the next step needs, while this one is being committed.
    fn read_ahead(&mut self, around: &Surroundings) {
        if let Job::RestoreTable(job) = self {
            job.read_ahead(around);
        }
    }

    /// The document that makes the job survive a restart.
    pub(crate) fn record(&self) -> RecordWrite {
        document::put_global(Kind::Job, &self.id(), self)
    }

    fn forget(&self) -> RecordWrite {
        document::delete_global(Kind::Job, &self.id())
    }
}

/// A panic in a thread of the engine means a broken invariant: the process ends instead of continuing without that
/// work.
pub(crate) struct EndProcessOnPanic;

impl Drop for EndProcessOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests;
