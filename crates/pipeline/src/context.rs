//! What an operation knows about its request beside the input.

use crate::request::Request;
pub use identity::Caller;

/// The context of one request, handed first to every operation.
#[derive(Debug)]
pub struct Cx<'a, S> {
    /// The service the operation belongs to.
    pub service: &'a S,
    /// Who calls.
    pub caller: &'a Caller,
    /// Microseconds since the Unix epoch, read once per request.
    pub now_micros: u64,
    pub(crate) request: &'a Request,
}

impl<S> Cx<'_, S> {
    /// The `Host` header as sent, for answers that name this endpoint (DescribeEndpoints); may be empty.
    pub fn host(&self) -> &str {
        self.request.host()
    }
}
