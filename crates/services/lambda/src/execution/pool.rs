//! Which process a call gets: a warm one of its version, or a place to start one. Where all places are taken, the
//! process that has been idle for longest makes room; where none is idle, the call waits for a while and is then
//! throttled.

use super::process::Process;
use super::users::Users;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use stdx::Clock;
use tokio::sync::Notify;

/// How long a call waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a process was started from: only calls of the same may have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// The ARN, without a qualifier.
    pub(super) function: String,
    /// `$LATEST` or a number.
    pub(super) number: String,
    pub(super) revision_id: String,
}

/// All processes.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// Something has become free.
    freed: Notify,
    /// Something has become idle.
    rested: Notify,
    places: usize,
    idle_for: Duration,
    /// `None` where the server cannot choose them. Taken with the first process.
    users: OnceLock<Option<Users>>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct State {
    /// In the order in which they became idle.
    idle: Vec<Idle>,
    /// Numbers of the places that are taken.
    taken: BTreeSet<usize>,
}

struct Idle {
    process: Process,
    since: Duration,
}

/// The right to have a process, and the user it runs as.
#[derive(Debug)]
pub(super) struct Place {
    number: usize,
    shared: Arc<Shared>,
}

/// What a call gets.
pub(super) enum Taken {
    /// A process that has served its version before.
    Warm(Box<Process>),
    /// A place for a new one.
    Place(Place),
}

impl Pool {
    pub(super) fn new(places: usize, idle_for: Duration, clock: Arc<dyn Clock>) -> Self {
        let (state, freed, rested, users) = (Mutex::default(), Notify::new(), Notify::new(), OnceLock::new());
        Pool { shared: Arc::new(Shared { state, freed, rested, places, idle_for, users, clock }) }
    }

    /// Takes the users that processes run as, before the first is started.
    pub(super) fn take_users(&self) -> io::Result<()> {
        let users = Users::take(self.shared.places)?;
        _ = self.shared.users.set(users);
        Ok(())
    }

    /// What a call gets; `None` if all places are taken by others for too long.
    pub(super) async fn take(&self, key: &Key) -> Option<Taken> {
        tokio::time::timeout(PATIENCE, self.take_in_time(key)).await.ok()
    }

    async fn take_in_time(&self, key: &Key) -> Taken {
        loop {
            let freed = self.shared.freed.notified();
            tokio::pin!(freed);
            freed.as_mut().enable();
            if let Some(taken) = self.try_take(key) {
                return taken;
            }
            freed.await;
        }
    }

    fn try_take(&self, key: &Key) -> Option<Taken> {
        while let Some(mut process) = self.warm(key) {
            if process.is_alive() {
                return Some(Taken::Warm(Box::new(process)));
            }
        }
        let mut state = self.shared.state.lock();
        let free = (0..self.shared.places).find(|number| !state.taken.contains(number));
        let Some(number) = free else {
            // It frees its place once everything of it has ended.
            let oldest = (!state.idle.is_empty()).then(|| state.idle.remove(0));
            drop(state);
            drop(oldest);
            return None;
        };
        state.taken.insert(number);
        Some(Taken::Place(Place { number, shared: Arc::clone(&self.shared) }))
    }

    /// The process of the version that became idle last. Those of earlier revisions are of no use any
    /// more, nor are those whose credentials have to be renewed.
    fn warm(&self, key: &Key) -> Option<Process> {
        let (mut state, now_micros) = (self.shared.state.lock(), self.shared.clock.now_micros());
        let is_stale = |idle: &mut Idle| {
            let found = &idle.process.key;
            (&found.function, &found.number) == (&key.function, &key.number)
                && (found.revision_id != key.revision_id || idle.process.is_over(now_micros))
        };
        let stale: Vec<Idle> = state.idle.extract_if(.., is_stale).collect();
        let found = state.idle.iter().rposition(|idle| idle.process.key == *key);
        let found = found.map(|place| state.idle.remove(place).process);
        drop(state);
        drop(stale);
        found
    }

    /// Keeps a process for the next call.
    pub(super) fn give_back(&self, process: Process) {
        let since = self.shared.clock.monotonic();
        self.shared.state.lock().idle.push(Idle { process, since });
        self.shared.freed.notify_waiters();
        self.shared.rested.notify_one();
    }

    /// Ends the idle processes of a function.
    pub(super) fn end_function(&self, function: &str) {
        let mut state = self.shared.state.lock();
        let ended: Vec<Idle> =
            state.idle.extract_if(.., |idle| idle.process.key.function == function).collect();
        drop(state);
        drop(ended);
    }

    /// Ends processes that have been idle for long, for as long as the server runs. Costs nothing while none is idle.
    pub(super) async fn end_idle(self) {
        loop {
            let oldest = self.shared.state.lock().idle.first().map(|idle| idle.since);
            match oldest {
                None => self.shared.rested.notified().await,
                Some(since) => {
                    let idle_for = self.shared.clock.monotonic().saturating_sub(since);
                    match self.shared.idle_for.checked_sub(idle_for).filter(|left| !left.is_zero()) {
                        Some(left) => tokio::time::sleep(left).await,
                        None => drop(self.end_oldest(since)),
                    }
                }
            }
        }
    }

    fn end_oldest(&self, since: Duration) -> Option<Idle> {
        let mut state = self.shared.state.lock();
        let is_still = state.idle.first().is_some_and(|idle| idle.since == since);
        is_still.then(|| state.idle.remove(0))
    }
}

impl Place {
    /// The user of the process, where the server may choose one.
    pub(super) fn user(&self) -> Option<u32> {
        self.shared.users.get()?.as_ref().map(|users| users.of_place(self.number))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.state.lock().taken.remove(&self.number);
        self.shared.freed.notify_waiters();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("places", &self.places).finish_non_exhaustive()
    }
}
