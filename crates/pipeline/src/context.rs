//! What an operation knows about its request beside the input.

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
    /// The `Host` header as sent, for answers that name this endpoint (DescribeEndpoints); may be empty.
    pub host: &'a str,
}
