//! What every request goes through. Operations are rows of a table that a service hands in.
//!
//! A service writes its table with [`entry`] and [`planned`], and the binary hands it to a [`Pipeline`]. A listener
//! calls [`Pipeline::answer`] with a [`Request`]; code inside the server calls [`perform`] with the input of an
//! operation and a caller.

pub mod access;
mod access_log;
pub mod audit;
mod authorize;
mod body;
pub mod context;
mod credentials;
mod denials;
pub mod entry;
mod guard;
pub mod http_date;
pub mod operation;
mod origin;
pub mod pipeline;
mod protocol;
pub mod request;
pub mod request_id;
pub mod respond;
mod route;
mod router;
pub mod sealed;
pub mod streams;
mod trailing_checksum;
pub mod validation;

pub use access::{Access, ConditionKeys, Need};
pub use audit::AuditLog;
pub use authorize::{demand, is_asked_about, permitted, permitted_inside};
pub use context::{Caller, Cx, Host};
pub use entry::{Entry, document_entry, entry, planned};
pub use operation::{Callers, Interference, Kind, Operation, Service};
pub use pipeline::{Pipeline, perform, permit};
pub use protocol::Protocol;
pub use request::{Peer, Request};
pub use request_id::RequestId;
pub use respond::{Following, Refusal, Response};
pub use route::Route;
pub use router::Found;
pub use sealed::{Seal, SealFault};
pub use streams::{Arriving, Leaving, Pieces, Streams};
pub use validation::Validation;
