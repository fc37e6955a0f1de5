//! Whether a connection waits for request bytes. A server that stops completes the requests it has received as a
//! whole; it does not wait for a client to send the rest of one.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set while a connection waits for bytes of a request: at first, between requests and within an incomplete one.
/// Clear from a complete request until the next one begins.
#[derive(Debug, Clone)]
pub(crate) struct AwaitingClient(Arc<AtomicBool>);

impl AwaitingClient {
    /// The state of a new connection.
    pub(crate) fn new() -> Self {
        AwaitingClient(Arc::new(AtomicBool::new(true)))
    }

    /// Whether the connection waits for bytes of a request.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The server has what it needs to continue.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// The client has to send something before the server can continue.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Set while `received` is awaited.
    pub(crate) async fn during<T>(&self, received: impl Future<Output = T>) -> T {
        self.set();
        let received = received.await;
        self.clear();
        received
    }
}
