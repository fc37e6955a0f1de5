//! Whose turn it is on a connection. A server that stops waits for what it has still to say itself, not for what
//! a client has still to send.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

/// The turn on one connection: the client's at first, and while more of its request must come; the server's from
/// a whole request on until the next one begins.
#[derive(Debug)]
pub(crate) struct Turn {
    is_clients: AtomicBool,
}

impl Turn {
    pub(crate) fn of_client() -> Self {
        Turn { is_clients: AtomicBool::new(true) }
    }

    /// Whether the connection waits for bytes of a request.
    pub(crate) fn is_clients(&self) -> bool {
        self.is_clients.load(Ordering::Relaxed)
    }

    /// The server goes on.
    pub(crate) fn take(&self) {
        self.is_clients.store(false, Ordering::Relaxed);
    }

    /// The client goes on.
    pub(crate) fn give(&self) {
        self.is_clients.store(true, Ordering::Relaxed);
    }

    /// Waits for what the client sends.
    pub(crate) async fn wait_for<T>(&self, sent: impl Future<Output = T>) -> T {
        self.give();
        let sent = sent.await;
        self.take();
        sent
    }
}
