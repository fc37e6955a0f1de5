//! STS: who calls, and sessions of roles and users. A session is sealed into its token, so no server keeps any.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`session`] (what all sessions have in common),
//! [`role_session`] (those of roles, for operations and for other services), [`service_session`] (what services make
//! for what they run), [`errors`], [`service`].

pub mod errors;
pub mod issuers;
pub mod ops;
pub mod own_token;
pub mod role_session;
pub mod service;
pub mod service_session;
pub mod session;
pub mod web_token;

pub use issuers::Issuers;
pub use service::Sts;
pub use service_session::ServiceSession;
