//! That all servers know of a change of documents before it is acknowledged: each tells back what it has heard.
//!
//! A server that is slow or gone holds a change up for a moment and no longer: what it plans with an old document is
//! refused by a fence.

use crate::postgres_store::Core;
use crate::sql::Sql;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;
use store::Position;
use tokio::sync::Notify;

/// How long a change waits for servers that do not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who has heard of which change that waits for it.
#[derive(Default)]
pub(crate) struct Hearing {
    /// The process of the database that this server listens by.
    own_ear: AtomicI32,
    heard: Mutex<HashMap<Position, HashSet<i32>>>,
    raised: Notify,
}

/// A change that is waited for until this is dropped.
pub(crate) struct Awaited {
    core: Arc<Core>,
    position: Position,
}

impl Hearing {
    pub(crate) fn listens_by(&self, ear: i32) {
        self.own_ear.store(ear, Ordering::SeqCst);
    }

    pub(crate) fn own_ear(&self) -> i32 {
        self.own_ear.load(Ordering::SeqCst)
    }

    /// A server has heard of a change, which may be waited for here.
    pub(crate) fn note(&self, position: Position, ear: i32) {
        if let Some(ears) = self.heard.lock().get_mut(&position) {
            ears.insert(ear);
            self.raised.notify_waiters();
        }
    }

    fn has_all(&self, position: Position, ears: &[i32]) -> bool {
        self.heard.lock().get(&position).is_none_or(|heard| ears.iter().all(|ear| heard.contains(ear)))
    }
}

impl Awaited {
    /// Before the change is sent.
    pub(crate) fn begin(core: &Arc<Core>, position: Position) -> Awaited {
        core.hearing.heard.lock().insert(position, HashSet::new());
        Awaited { core: Arc::clone(core), position }
    }

    /// Behind its commit: waits until all servers that listen have heard of it. On the runtime.
    pub(crate) async fn by_all(self) {
        let own = self.core.hearing.own_ear();
        let Ok(ears) = self.core.rows(Sql::Ears, &[&self.core.ear_name(), &own]).await else { return };
        let ears: Vec<i32> = ears.iter().map(|row| row.get(0)).collect();
        tokio::time::timeout(PATIENCE, self.wait(&ears)).await.ok();
    }

    async fn wait(&self, ears: &[i32]) {
        let hearing = &self.core.hearing;
        loop {
            let mut raised = pin!(hearing.raised.notified());
            raised.as_mut().enable();
            if hearing.has_all(self.position, ears) {
                return;
            }
            raised.await;
        }
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.core.hearing.heard.lock().remove(&self.position);
    }
}
