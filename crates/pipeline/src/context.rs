//! What an operation knows about its request beside the input.

use crate::request_id::RequestId;
use figures::Tally;
pub use identity::Caller;
use stdx::Random;

/// The context of one call, handed first to every operation. A request's is made by the pipeline; whoever calls
/// [`perform`](crate::perform) from inside the server fills in the fields.
#[derive(Debug)]
pub struct Cx<'a, S> {
    /// The service the operation belongs to.
    pub service: &'a S,
    /// Who calls.
    pub caller: &'a Caller,
    /// Microseconds since the Unix epoch, read once per call.
    pub now_micros: u64,
    /// The id that the answer and the log carry.
    pub request_id: RequestId,
    /// The host by which the client reached the server, with its port, for answers that name this endpoint; may be
    /// empty.
    pub host: &'a str,
    /// Where random bits come from.
    pub random: &'a Random,
    /// Takes what the call does to tables, for the figures.
    pub tally: &'a Tally<'a>,
}
