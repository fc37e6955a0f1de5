//! What a listener allows its clients.

use std::time::Duration;

/// While others wait for memory that a client's request or response holds, a client that neither sends nor takes
/// anything for this long is left.
pub(crate) const PRESSED_PATIENCE: Duration = Duration::from_secs(2);

/// Bounds of one listener. All memory a client can make this server hold follows from them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Open connections; more wait in the system's queue.
    pub connections: usize,
    /// A body, before and after decompression, of a service that has no limit of its own.
    pub body_bytes: usize,
    /// All bodies of requests being served, together; more wait. And again as much for all responses that
    /// their clients have not taken.
    pub in_flight_bytes: usize,
    /// From the end of one request (or the connection) to the end of the next one's head: slow senders and
    /// idle connections are closed.
    pub head_timeout: Duration,
    /// For a whole body; less while others wait for that memory and none of it comes.
    pub body_timeout: Duration,
    /// For a client to take a whole response, once it falls behind; less while others wait for that memory.
    pub response_timeout: Duration,
    /// Responses from this size on are compressed for clients that accept it; `None` for none. In DynamoDB it is 4 KB.
    pub compress_from_bytes: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 10_000,
            body_bytes: 16 * 1024 * 1024,
            in_flight_bytes: 256 * 1024 * 1024,
            head_timeout: Duration::from_secs(120),
            body_timeout: Duration::from_secs(60),
            response_timeout: Duration::from_secs(60),
            compress_from_bytes: Some(4 * 1024),
        }
    }
}
