//! Watches on documents, and the changes that each has not taken yet.

use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use tokio::sync::Notify;

/// Keys that a watch keeps for its owner; beyond so many it only reports that there were many.
const KEYS_MAX: usize = 1024;

/// Reports whether documents below a prefix have changed. A check costs one atomic load.
#[derive(Debug)]
pub struct Watch(Arc<Watched>);

/// What has changed since it was taken last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The documents of these keys, at most.
    Keys(BTreeSet<Vec<u8>>),
    /// Too many to list.
    Any,
}

#[derive(Debug)]
struct Watched {
    prefix: Vec<u8>,
    version: AtomicU64,
    changed: Mutex<Changed>,
    raised: Notify,
}

impl Changed {
    /// Nothing.
    pub const NOTHING: Changed = Changed::Keys(BTreeSet::new());

    /// Adds what has changed besides.
    pub fn add(&mut self, other: Changed) {
        match (&mut *self, other) {
            (Changed::Keys(keys), Changed::Keys(others)) if keys.len() + others.len() <= KEYS_MAX => {
                keys.extend(others);
            }
            _ => *self = Changed::Any,
        }
    }
}

impl Watch {
    /// Rises with every change; 0 as long as there was none.
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// Resolves when the version is no longer `seen`, without polling.
    pub async fn changed(&self, seen: u64) {
        loop {
            let mut raised = pin!(self.0.raised.notified());
            raised.as_mut().enable();
            if self.version() != seen {
                return;
            }
            raised.await;
        }
    }

    /// What has changed since this was called last: at least everything up to a version read before.
    pub fn take(&self) -> Changed {
        std::mem::replace(&mut *self.0.changed.lock(), Changed::NOTHING)
    }
}

impl Watched {
    fn note(&self, changed: Changed) {
        if changed == Changed::NOTHING {
            return;
        }
        self.changed.lock().add(changed);
        self.version.fetch_add(1, Ordering::Release);
        self.raised.notify_waiters();
    }
}

/// The watches of a store.
#[derive(Debug, Default)]
pub struct Watches(Mutex<Vec<Weak<Watched>>>);

impl Watches {
    /// A watch, until it is dropped.
    pub fn watch(&self, prefix: &[u8]) -> Watch {
        let watched = Arc::new(Watched {
            prefix: prefix.to_vec(),
            version: AtomicU64::new(0),
            changed: Mutex::new(Changed::NOTHING),
            raised: Notify::new(),
        });
        let mut watches = self.0.lock();
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Arc::downgrade(&watched));
        Watch(watched)
    }

    /// Notifies the watches of changed documents: after their publication, before the outcome resolves. A watch that is
    /// made meanwhile comes behind all of them: what it does not report, the older ones have reported.
    pub fn note<'a>(&self, keys: impl Iterator<Item = &'a [u8]> + Clone) {
        self.each(|watched| {
            let below = keys.clone().filter(|key| key.starts_with(&watched.prefix));
            watched.note(Changed::Keys(below.map(<[u8]>::to_vec).collect()));
        });
    }

    /// Notifies all watches that any document may have changed: what another process has changed was missed.
    pub fn note_any(&self) {
        self.each(|watched| watched.note(Changed::Any));
    }

    fn each(&self, note: impl Fn(&Watched)) {
        self.0.lock().iter().filter_map(Weak::upgrade).for_each(|watched| note(&watched));
    }
}
