//! Takes the records of streams through functions, for every mapping that is enabled.
//!
//! A mapping is a task, and each of its lanes is one. They wait for changes of the mappings or of the feed, or for a
//! time, and cost nothing meanwhile. Where several servers share a store, a lease says which one has a mapping. A
//! server that stops in order releases it, and another takes the mapping over at once; after a crash another does once
//! the lease has expired, 15 seconds at most. It goes on from the progress that was saved.

mod lane_task;
mod mapping_task;

use crate::call::{Invoke, Tell};
use crate::mapping::Mapping;
use crate::mappings::Mappings;
use crate::permission::ReadPermission;
use crate::source::Sources;
use mapping_task::MappingTask;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;
use stdx::future::Boxed;
use store::lease::Leases;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long to wait before something that failed in the store is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long calls that are under way when the server stops may take to end.
const STOP_MAX: Duration = Duration::from_secs(5);

/// What the tasks stand on.
#[derive(Clone)]
pub struct Poller {
    /// The streams.
    pub sources: Sources,
    /// The mappings.
    pub mappings: Mappings,
    /// Who has a mapping where several servers share the store.
    pub leases: Leases,
    /// What roles of functions may read.
    pub permission: ReadPermission,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What calls functions.
    pub invoke: Arc<Invoke>,
    /// What keeps what is told of records that are given up.
    pub tell: Arc<Tell>,
}

/// The task of a mapping.
struct Running {
    mapping: Mapping,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Poller {
    /// Runs until `stop` resolves, and then until the calls that are under way have ended, or are cut off.
    pub fn run(self, stop: Boxed<'static, ()>) -> Boxed<'static, ()> {
        Box::pin(async move {
            let watch = self.mappings.watch();
            let mut running = HashMap::new();
            tokio::pin!(stop);
            loop {
                let seen = watch.version();
                let failed = match self.mappings.all().await {
                    Ok(mappings) => {
                        self.reconcile(&mut running, mappings);
                        false
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the event source mappings cannot be read");
                        true
                    }
                };
                tokio::select! {
                    () = watch.changed(seen), if !failed => {}
                    () = tokio::time::sleep(RETRY), if failed => {}
                    () = &mut stop => break,
                }
            }
            let tasks: Vec<_> = running.into_values().map(Running::stop).collect();
            let ended = async {
                for task in tasks {
                    _ = task.await;
                }
            };
            _ = tokio::time::timeout(STOP_MAX, ended).await;
        })
    }

    /// Starts, replaces and stops tasks, so that each mapping that is enabled has one with its settings.
    fn reconcile(&self, running: &mut HashMap<String, Running>, mappings: Vec<Mapping>) {
        let mut gone = std::mem::take(running);
        for mapping in mappings.into_iter().filter(|mapping| mapping.enabled) {
            let uuid = mapping.uuid.clone();
            let task = match gone.remove(&uuid) {
                Some(task) if task.mapping.runs_as(&mapping) && !task.task.is_finished() => task,
                old => self.start(mapping, old.map(Running::stop)),
            };
            running.insert(uuid, task);
        }
        gone.into_values().for_each(|task| _ = task.stop());
    }

    /// Starts a task once the one before it has ended.
    fn start(&self, mapping: Mapping, before: Option<JoinHandle<()>>) -> Running {
        let (stop, stopped) = watch::channel(false);
        let task = MappingTask::new(self.clone(), mapping.clone(), stopped);
        let task = tokio::spawn(async move {
            if let Some(before) = before {
                _ = before.await;
            }
            task.run().await;
        });
        Running { mapping, stop, task }
    }

    /// Resolves at a time, in microseconds since the Unix epoch.
    async fn at(&self, micros: u64) {
        stdx::clock::sleep_until(self.clock.as_ref(), micros).await;
    }
}

impl Running {
    /// Asks the task to end behind the call that is under way.
    fn stop(self) -> JoinHandle<()> {
        _ = self.stop.send(true);
        self.task
    }
}

impl fmt::Debug for Poller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").field("mappings", &self.mappings).finish_non_exhaustive()
    }
}
