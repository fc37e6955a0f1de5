//! STS: who calls. No session is issued yet.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`service`].

pub mod ops;
pub mod service;

pub use service::Sts;
