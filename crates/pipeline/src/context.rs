//! What an operation gets about its request beside the input.

use crate::request::Request;
use crate::request_id::RequestId;
use figures::Tally;
use http::{HeaderValue, header};
pub use identity::Caller;
use stdx::Random;

/// The context of one call, the first argument of every operation. The pipeline makes that of a request; code that
/// calls [`perform`](crate::perform) inside the server fills in the fields.
#[derive(Debug)]
pub struct Cx<'a, S> {
    /// The service the operation belongs to.
    pub service: &'a S,
    /// The caller.
    pub caller: &'a Caller,
    /// Microseconds since the Unix epoch, read once per call.
    pub now_micros: u64,
    /// The id that the answer and the log carry.
    pub request_id: &'a RequestId,
    /// The host by which the client reached the server, for answers that name this endpoint; and with it where the
    /// request came from.
    pub host: Host<'a>,
    /// Where random bits come from.
    pub random: &'a Random,
    /// Takes what the call does to tables, for the figures.
    pub tally: &'a Tally<'a>,
}

/// A host with its port. Few operations use it, so the header is looked up only then.
#[derive(Debug, Clone, Copy)]
pub enum Host<'a> {
    /// This one; may be empty.
    Named(&'a str),
    /// The `Host` that this request names.
    Of(&'a Request),
}

impl<'a> Host<'a> {
    /// The host as sent; empty when there is none.
    pub fn name(self) -> &'a str {
        match self {
            Host::Named(name) => name,
            Host::Of(request) => {
                let value = request.headers.get(header::HOST).map(HeaderValue::as_bytes);
                std::str::from_utf8(value.unwrap_or_default()).unwrap_or_default()
            }
        }
    }

    /// The request of a client; `None` for a call from inside the server.
    pub fn request(self) -> Option<&'a Request> {
        match self {
            Host::Named(_) => None,
            Host::Of(request) => Some(request),
        }
    }
}
