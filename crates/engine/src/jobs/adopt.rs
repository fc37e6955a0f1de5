//! Finds jobs on a store: those that earlier processes left, those that other engines started,
//! and the trimming that tables and streams need all the time. An engine keeps every job of the store in its lanes and
//! runs it once no other engine holds its lease, so another engine continues a job whose engine ended.

use super::{Job, Step, Surroundings, SweepExpired, SweepTombstones, TendShards, TrimFeed};
use crate::catalog::document::{self, Kind};
use crate::error::EngineError;
use crate::stream::Stream;
use crate::table::Table;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::lease::LEASE_MICROS;
use store::wait::wait;

/// Looks for jobs again and again: where several engines may have the store open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AdoptJobs;

impl AdoptJobs {
    /// The id of this one, which is no work of its own.
    pub(super) const ID: &'static str = "adopt-jobs";

    pub(super) fn step(&self, around: &Surroundings) -> Result<Step, StoreError> {
        wait(around.catalog.refresh(around.store()))?;
        let jobs = all(around).map_err(EngineError::into_store)?;
        Ok(Step::Start(jobs, around.clock.now_micros().saturating_add(LEASE_MICROS)))
    }
}

/// All jobs of the store.
pub(super) fn all(around: &Surroundings) -> Result<Vec<Job>, EngineError> {
    let mut jobs = wait(document::all::<Job>(around.store(), Kind::Job))?;
    let tables = around.catalog.tables_where(|_| true);
    jobs.extend(tables.iter().flat_map(|table| all_the_time(table)));
    let streams = wait(document::all::<Stream>(around.store(), Kind::Stream))?;
    jobs.extend(streams.iter().map(|stream| Job::TrimFeed(TrimFeed::of_stream(stream))));
    if around.store().capabilities().shared {
        jobs.push(Job::AdoptJobs(AdoptJobs));
    }
    Ok(jobs)
}

/// The jobs that a table needs all the time.
pub(crate) fn all_the_time(table: &Table) -> impl Iterator<Item = Job> {
    let trim = table.has_feed().then(|| Job::TrimFeed(TrimFeed::of(table)));
    let tend = table.has_enabled_stream().then(|| Job::TendShards(TendShards::of(table)));
    let expires = table.settings.time_to_live.is_some();
    let sweep = expires.then(|| Job::SweepExpired(SweepExpired::default()));
    let tombstones =
        table.tombstones_since().is_some().then(|| Job::SweepTombstones(SweepTombstones::of(table)));
    [trim, tend, sweep, tombstones].into_iter().flatten()
}
