//! Runs the jobs: a thread per lane, started with the engine and asleep while nothing is due.

use super::adopt::{self, AdoptJobs};
use super::commit::{commit, commit_and};
use super::pace::REST_MAX;
use super::{EndProcessOnPanic, Job, JobProgress, Lane, Step, Surroundings};
use crate::catalog::document::{self, Kind};
use crate::error::EngineError;
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;
use store::lease::{Asked, Lease};
use store::wait::wait;
use store::{Plan, StoreError};

const LANES: [Lane; 2] = [Lane::Short, Lane::Long];
/// A step that has failed is tried again after the first of these, twice as long each time, at most the last.
const RETRY_MICROS: [u64; 2] = [500_000, 8_000_000];

/// The jobs of one engine. Their threads end with it, after the step they are in, so that none of them holds on to
/// the store behind it.
pub(crate) struct Jobs {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    around: Surroundings,
    lanes: [LaneState; LANES.len()],
}

#[derive(Default)]
struct LaneState {
    state: Mutex<State>,
    changed: Condvar,
    /// The one that works in this lane.
    thread: OnceLock<Thread>,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Entry>,
    /// The job whose step is being done, as of before it.
    running: Option<JobProgress>,
    /// Whether that job was started again meanwhile.
    again: bool,
    stop: bool,
}

/// A job in a lane.
struct Entry {
    job: Job,
    id: String,
    due_micros: u64,
    lease: Option<Lease>,
    failures: u32,
    failure: Option<String>,
}

/// When a job has its next turn.
enum Next {
    Now,
    At(u64),
    /// It is done, by this engine or another one.
    Never,
}

impl Jobs {
    /// Starts the threads, and all jobs of the store.
    pub(crate) fn open(around: Surroundings) -> Result<Jobs, EngineError> {
        let left = adopt::all(&around)?;
        let shared = Arc::new(Shared { around, lanes: Default::default() });
        let threads = LANES.iter().map(|lane| Shared::spawn(&shared, *lane)).collect::<Result<_, _>>()?;
        let jobs = Jobs { shared, threads };
        left.into_iter().for_each(|job| jobs.start(job));
        Ok(jobs)
    }

    /// Starts a job. One that is there already and waits for a time looks again whether there is something to do.
    pub(crate) fn start(&self, job: Job) {
        self.shared.start(job);
    }

    /// The progress of the jobs that this engine has.
    pub(crate) fn progress(&self) -> Vec<JobProgress> {
        let now = self.shared.around.clock.now_micros();
        let lane = |lane: &LaneState| {
            let state = lane.state.lock();
            let waiting = state.queue.iter().map(|entry| entry.progress(now));
            state.running.iter().cloned().chain(waiting).collect::<Vec<_>>()
        };
        self.shared.lanes.iter().flat_map(lane).filter(|job| job.id != AdoptJobs::ID).collect()
    }

    /// Waits until no job is due.
    pub(crate) fn wait_until_idle(&self) {
        let clock = &self.shared.around.clock;
        for lane in &self.shared.lanes {
            let mut state = lane.state.lock();
            while state.running.is_some() || state.queue.iter().any(|entry| entry.is_due(clock.now_micros()))
            {
                lane.changed.wait(&mut state);
            }
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.shared.lanes.iter().for_each(|lane| lane.state.lock().stop = true);
        self.threads.iter().for_each(|thread| thread.thread().unpark());
        for thread in self.threads.drain(..) {
            _ = thread.join(); // a panic in it has ended the process
        }
    }
}

impl Shared {
    fn spawn(shared: &Arc<Shared>, lane: Lane) -> Result<JoinHandle<()>, EngineError> {
        let shared = Arc::clone(shared);
        let name = format!("jobs-{}", if lane == Lane::Short { "short" } else { "long" });
        let lanes = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            let _end = EndProcessOnPanic;
            shared.work(lane);
        });
        let thread = thread.map_err(EngineError::Thread)?;
        _ = lanes.lane(lane).thread.set(thread.thread().clone());
        Ok(thread)
    }

    /// See [`Jobs::start`].
    fn start(&self, job: Job) {
        let (id, lane) = (job.id(), self.lane(job.lane()));
        let mut state = lane.state.lock();
        if state.is_running(&id) {
            state.again = true;
            return;
        }
        match state.queue.iter_mut().find(|entry| entry.id == id) {
            Some(entry) if entry.failures > 0 || entry.job.is_kept() => return,
            Some(entry) => entry.due_micros = 0,
            None => state.queue.push_back(Entry {
                job,
                id,
                due_micros: 0,
                lease: None,
                failures: 0,
                failure: None,
            }),
        }
        drop(state);
        if let Some(thread) = lane.thread.get() {
            thread.unpark();
        }
    }

    /// Whether a job is in its lane, waiting or not.
    fn is_there(&self, job: &Job) -> bool {
        let (id, state) = (job.id(), self.lane(job.lane()).state.lock());
        state.is_running(&id) || state.queue.iter().any(|entry| entry.id == id)
    }

    fn lane(&self, lane: Lane) -> &LaneState {
        &self.lanes[lane as usize]
    }

    fn work(&self, lane: Lane) {
        let LaneState { state, changed, .. } = self.lane(lane);
        loop {
            let now = self.around.clock.now_micros();
            let next = {
                let mut state = state.lock();
                if state.stop {
                    return;
                }
                state.take_due(now).ok_or_else(|| state.queue.iter().map(|entry| entry.due_micros).min())
            };
            let mut entry = match next {
                Ok(entry) => entry,
                Err(due) => {
                    self.around.clock.park_until(due);
                    continue;
                }
            };
            let next = self.turn(&mut entry, now);
            let mut state = state.lock();
            state.running = None;
            let again = std::mem::take(&mut state.again) && !entry.job.is_kept() && entry.failures == 0;
            match next {
                _ if again => state.queue.push_back(Entry { due_micros: 0, ..entry }),
                Next::Now => state.queue.push_back(Entry { due_micros: 0, ..entry }),
                Next::At(due_micros) => state.queue.push_back(Entry { due_micros, ..entry }),
                Next::Never => {}
            }
            changed.notify_all();
        }
    }

    /// One turn of a job, failures included.
    fn turn(&self, entry: &mut Entry, now: u64) -> Next {
        let panicked = |_| Err(StoreError::Corrupt("a step panicked".to_owned()));
        match catch_unwind(AssertUnwindSafe(|| self.step(entry, now))).unwrap_or_else(panicked) {
            Ok(next) => {
                (entry.failures, entry.failure) = (0, None);
                next
            }
            Err(error) => {
                let delay = entry.fail(&error);
                if self.around.store.health().is_err() {
                    tracing::debug!(job = entry.id, %error, "a job waits: the store takes no writes");
                } else if entry.failures == 1 {
                    tracing::warn!(job = entry.id, %error, "a job failed and is tried again");
                }
                Next::At(now.saturating_add(delay))
            }
        }
    }

    fn step(&self, entry: &mut Entry, now: u64) -> Result<Next, StoreError> {
        if !entry.job.is_kept() {
            return Ok(match entry.job.step(&self.around)? {
                Step::Progress(_) => Next::Now,
                Step::Rest(_, rest) | Step::Fenced { rest, .. } => self.after(rest),
                Step::Done(_) => Next::Never,
                Step::Start(jobs, until) => self.start_all(jobs, until),
                Step::WaitUntil(until) => Next::At(until),
            });
        }
        match entry.lease.take() {
            Some(lease) => self.step_kept(entry, lease),
            None => self.begin(entry, now),
        }
    }

    fn start_all(&self, jobs: Vec<Job>, until: u64) -> Next {
        jobs.into_iter().filter(|job| !self.is_there(job)).for_each(|job| self.start(job));
        Next::At(until)
    }

    fn after(&self, rest: Duration) -> Next {
        Next::At(self.around.clock.now_micros() + rest.as_micros() as u64)
    }

    /// Takes the lease, and reads the job again: the previous holder may have advanced the job, or
    /// have finished it.
    fn begin(&self, entry: &mut Entry, now: u64) -> Result<Next, StoreError> {
        let lease = match wait(self.around.leases.take(&entry.id))? {
            Asked::HeldUntil(until) => return Ok(Next::At(until)),
            Asked::Granted(lease) => lease,
        };
        let job = wait(document::read_global(self.around.store(), Kind::Job, &entry.id));
        if let Some(job) = job.map_err(EngineError::into_store)? {
            entry.job = job;
            return self.step_kept(entry, lease);
        }
        let plan = Plan { rows: lease.end().into_iter().collect(), ..Plan::default() };
        let ended = commit(self.around.store(), &lease, now, plan)?;
        Ok(if ended { Next::Never } else { Next::Now })
    }

    /// A step under the lease, which is kept only if all went well: otherwise the next turn begins anew.
    fn step_kept(&self, entry: &mut Entry, lease: Lease) -> Result<Next, StoreError> {
        let mut job = entry.job.clone();
        let (mut fence, mut rest) = (None, Duration::ZERO);
        let (mut plan, next) = match job.step(&self.around)? {
            Step::Progress(plan) => (plan, Next::Now),
            Step::Rest(plan, told) => {
                rest = told;
                (plan, Next::Now)
            }
            Step::Fenced { plan, fence: planned_with, rest: told } => {
                (fence, rest) = (Some(planned_with), told);
                (plan, Next::Now)
            }
            Step::Done(plan) => (plan, Next::Never),
            Step::Start(jobs, until) => return Ok(self.start_all(jobs, until)),
            Step::WaitUntil(until) => return Ok(Next::At(until)),
        };
        if let Next::Never = next {
            plan.records.push(job.forget());
            plan.rows.extend(lease.end());
        } else {
            plan.records.push(job.record());
        }
        let Surroundings { clock, .. } = &self.around;
        let begun = clock.monotonic();
        let meanwhile = || {
            if rest.is_zero() {
                job.read_ahead(&self.around)
            }
        };
        let store = self.around.store();
        if !commit_and(store, &lease, clock.now_micros(), fence.as_slice(), plan, meanwhile)? {
            return Ok(Next::Now);
        }
        (entry.job, entry.lease) = (job, Some(lease));
        if rest.is_zero() {
            return Ok(next);
        }
        // The commit was work, too.
        let took = clock.monotonic().saturating_sub(begun);
        Ok(self.after((rest + took).min(REST_MAX)))
    }
}

impl State {
    /// The job that has waited longest among those that are due.
    fn take_due(&mut self, now: u64) -> Option<Entry> {
        let at = self.queue.iter().position(|entry| entry.is_due(now))?;
        let entry = self.queue.remove(at)?;
        self.running = Some(entry.progress(now));
        Some(entry)
    }

    fn is_running(&self, id: &str) -> bool {
        self.running.as_ref().is_some_and(|running| running.id == id)
    }
}

impl Entry {
    fn is_due(&self, now: u64) -> bool {
        self.due_micros <= now
    }

    fn fail(&mut self, error: &StoreError) -> u64 {
        let [first, last] = RETRY_MICROS;
        let delay = first.saturating_mul(1 << self.failures.min(16)).min(last);
        self.failures = self.failures.saturating_add(1);
        self.failure = Some(error.to_string());
        delay
    }

    fn progress(&self, now: u64) -> JobProgress {
        JobProgress {
            id: self.id.clone(),
            done: self.job.done(),
            percent: self.job.percent(),
            waits_until_micros: (!self.is_due(now)).then_some(self.due_micros),
            failure: self.failure.clone(),
        }
    }
}
