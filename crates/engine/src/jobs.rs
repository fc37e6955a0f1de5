//! Work that goes on behind requests. A job is a document of the store until it is done, so that it is
//! resumed after a restart; it runs on a thread that exists only while there is work.

mod drop_table;
mod sweep_tokens;

pub(crate) use drop_table::DropTable;
pub(crate) use sweep_tokens::SweepTokens;

use crate::catalog::document::{self, Kind};
use crate::error::EngineError;
use parking_lot::{Condvar, Mutex};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::Arc;
use stdx::Clock;
use store::{Decision, Locking, Mutation, Outcome, Plan, RecordWrite, Store, StoreError};

/// The kinds of job there are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Job {
    DropTable(DropTable),
    /// Has no document: what it misses, the next one finds.
    SweepTokens(SweepTokens),
}

impl Job {
    fn id(&self) -> String {
        match self {
            Job::DropTable(job) => format!("drop-table-{:010}", job.table_id()),
            Job::SweepTokens(_) => "sweep-tokens".to_owned(),
        }
    }

    /// The document that makes the job survive a restart.
    pub(crate) fn record(&self) -> RecordWrite {
        document::put_global(Kind::Job, &self.id(), self)
    }

    fn run(&self, jobs: &Shared) -> Result<(), StoreError> {
        match self {
            Job::DropTable(job) => {
                job.run(jobs.store.as_ref())?;
                jobs.forget(self)
            }
            Job::SweepTokens(job) => job.run(jobs.store.as_ref(), jobs.clock.as_ref()),
        }
    }
}

/// Runs jobs one after another.
pub(crate) struct Jobs(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Job>,
    running: bool,
}

impl Jobs {
    pub(crate) fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Jobs {
        Jobs(Arc::new(Shared { store, clock, state: Mutex::default(), idle: Condvar::new() }))
    }

    /// Starts what an earlier process has left.
    pub(crate) fn resume(&self) -> Result<(), EngineError> {
        let left = document::all::<Job>(self.0.store.as_ref(), Kind::Job)?;
        left.into_iter().for_each(|job| self.start(job));
        Ok(())
    }

    /// Starts a job, or queues it behind those that run.
    pub(crate) fn start(&self, job: Job) {
        let mut state = self.0.state.lock();
        state.queue.push_back(job);
        if state.running {
            return;
        }
        let shared = Arc::clone(&self.0);
        let thread = std::thread::Builder::new().name("jobs".to_owned()).spawn(move || shared.work());
        match thread {
            Ok(_) => state.running = true,
            Err(error) => tracing::warn!(%error, "no thread for background jobs; the next job tries again"),
        }
    }

    /// Waits until nothing is left to do.
    pub(crate) fn settle(&self) {
        let mut state = self.0.state.lock();
        while state.running {
            self.0.idle.wait(&mut state);
        }
    }
}

impl Shared {
    fn work(&self) {
        let _end = EndProcessOnPanic;
        while let Some(job) = self.next() {
            if let Err(error) = job.run(self) {
                if matches!(error, StoreError::Unavailable(_)) && self.store.health().is_err() {
                    tracing::debug!(
                        job = job.id(),
                        "a job goes on after the next start: the store is closed"
                    );
                    continue;
                }
                tracing::warn!(job = job.id(), %error, "a job stopped; it goes on after the next start");
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        let job = state.queue.pop_front();
        if job.is_none() {
            state.running = false;
            self.idle.notify_all();
        }
        job
    }

    /// Removes the document of a job that is done.
    fn forget(&self, job: &Job) -> Result<(), StoreError> {
        commit(
            self.store.as_ref(),
            Plan { records: vec![document::delete_global(Kind::Job, &job.id())], ..Plan::default() },
        )
    }
}

/// A job that panics has met a broken invariant: nothing may go on as if it had been done.
pub(crate) struct EndProcessOnPanic;

impl Drop for EndProcessOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

/// Commits a plan that touches no rows, and waits for it.
fn commit(store: &dyn Store, plan: Plan) -> Result<(), StoreError> {
    let mut plan = Some(plan);
    let pending = store.mutate(Mutation {
        keys: &[],
        fences: &[],
        locking: Locking::Single,
        decide: &mut |_| plan.take().map_or(Decision::Refuse, Decision::Commit),
    });
    finished(pending.wait()?)
}

fn finished(outcome: Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("a commit of a job ended as {outcome:?}"))),
    }
}

#[cfg(test)]
mod tests;
