//! HTTP in front of the pipeline: 1.1, and 2 under TLS where clients select it. Reads whole requests within limits,
//! hands them over, writes whole responses; bodies of operations that stream go through in pieces. Answers by itself
//! only what is not the API: health pages, preflights, refusals of hosts and of oversized bodies. Independent of
//! operations and of JSON.

mod body;
mod body_budget;
mod body_pieces;
mod coding;
mod connection;
mod connections;
pub mod cors;
mod handler;
mod head_timer;
pub mod host;
pub mod limits;
mod outgoing;
pub mod pages;
mod request_state;
mod response;
mod response_budget;
mod server;
mod timed_stream;
mod tls;
mod transport;

pub use connections::Connections;
pub use cors::Cors;
pub use host::HostRule;
pub use limits::Limits;
pub use pages::{Act, HealthPages, Page, Pages, Persona};
pub use server::{Drained, Server, Settings};
pub use tls::{Tls, TlsError, TlsFiles};
