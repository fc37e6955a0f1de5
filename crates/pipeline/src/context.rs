//! What an operation knows about its request beside the input.

use std::sync::Arc;

/// Who calls, as far as authentication has established it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: Arc<str>,
    /// The region of the credential scope (any name is taken), or the server's default.
    pub region: Arc<str>,
    /// The access key id, for logs; empty when there is none.
    pub access_key_id: Arc<str>,
}

/// The context of one request, handed first to every operation.
#[derive(Debug)]
pub struct Cx<'a, S> {
    /// The service the operation belongs to.
    pub service: &'a S,
    /// Who calls.
    pub caller: &'a Caller,
    /// Microseconds since the Unix epoch, read once per request.
    pub now_micros: u64,
    /// The `Host` header as sent, for answers that name this endpoint (DescribeEndpoints); may be empty.
    pub host: &'a str,
}
