//! The global cap on response bytes that clients have not taken yet. Their number is not known before a
//! request is served, so requests wait before they are served while the cap is reached; what is being served
//! at that moment may exceed it.

use bytes::Bytes;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Responses up to this size are not counted: the number of connections bounds them.
const FREE_BYTES: usize = 4 * 1024;

/// Responses on their way.
#[derive(Debug, Clone)]
pub(crate) struct ResponseBudget {
    total: Arc<Total>,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct Total {
    bytes: AtomicUsize,
    fell: Notify,
}

impl ResponseBudget {
    pub(crate) fn new(bytes_max: usize) -> Self {
        ResponseBudget { total: Arc::default(), bytes_max: bytes_max.max(1) }
    }

    /// Waits until less than the cap is on its way.
    pub(crate) async fn below_cap(&self) {
        while self.is_at_cap() {
            let mut fell = pin!(self.total.fell.notified());
            fell.as_mut().enable(); // before the second look, or a fall in between would be missed
            if self.is_at_cap() {
                fell.await;
            }
        }
    }

    /// Counts a body until its last byte is handed to the system.
    pub(crate) fn count(&self, body: Bytes) -> Bytes {
        if body.len() <= FREE_BYTES {
            return body;
        }
        self.total.bytes.fetch_add(body.len(), Ordering::Relaxed);
        Bytes::from_owner(Counted { body, total: Arc::clone(&self.total) })
    }

    /// Whether requests wait.
    pub(crate) fn is_at_cap(&self) -> bool {
        self.total.bytes.load(Ordering::Relaxed) >= self.bytes_max
    }
}

/// A counted body; the connection drops it when it is written or the connection ends.
struct Counted {
    body: Bytes,
    total: Arc<Total>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.total.bytes.fetch_sub(self.body.len(), Ordering::Relaxed);
        self.total.fell.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn waits(budget: &ResponseBudget) -> bool {
        tokio::time::timeout(Duration::from_millis(20), budget.below_cap()).await.is_err()
    }

    #[tokio::test]
    async fn requests_wait_while_the_cap_is_reached() {
        let budget = ResponseBudget::new(10_000);
        let small = budget.count(Bytes::from(vec![0; FREE_BYTES]));
        let large = budget.count(Bytes::from(vec![0; 6_000]));
        assert!(!waits(&budget).await, "4 KB are free of charge");
        let other = budget.count(large.clone());
        assert!(waits(&budget).await);
        let part = other.slice(..1);
        drop(other);
        assert!(waits(&budget).await, "a part holds the whole");
        let (freed, ()) = tokio::join!(waits(&budget), async { drop(part) });
        assert!(!freed && !waits(&budget).await);
        drop((small, large));
    }
}
