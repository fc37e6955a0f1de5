//! Notices a database that takes statements and does not answer: one that is stopped, or whose machine or network went
//! without a word. Its connection is ended then, and those who wait see it as lost.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// What a connection waits for.
#[derive(Default)]
pub(crate) struct Silence {
    open: AtomicUsize,
    ended: AtomicU64,
    begun: Notify,
}

/// A statement without its answer, until this is dropped.
pub(crate) struct Asked<'a>(&'a Silence);

impl Silence {
    pub(crate) fn ask(&self) -> Asked<'_> {
        if self.open.fetch_add(1, Ordering::SeqCst) == 0 {
            self.begun.notify_one();
        }
        Asked(self)
    }

    /// Resolves when something has been waited for that long, and nothing was answered meanwhile. Costs nothing while
    /// nothing is waited for. On the runtime.
    pub(crate) async fn lasts(&self, patience: Duration) {
        loop {
            let ended = self.ended.load(Ordering::SeqCst);
            if self.open.load(Ordering::SeqCst) == 0 {
                self.begun.notified().await;
                continue;
            }
            tokio::time::sleep(patience).await;
            if self.open.load(Ordering::SeqCst) > 0 && self.ended.load(Ordering::SeqCst) == ended {
                return;
            }
        }
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        // In this order: what is seen open has not been counted as ended.
        self.0.open.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}
