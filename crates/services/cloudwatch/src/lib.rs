//! CloudWatch: the figures of the tables as metrics. What it answers is read from the registry of figures; it keeps
//! nothing of its own.
//!
//! Reading order: [`ops`] (the table of operations, a file for each), [`errors`], [`service`].

pub mod errors;
pub mod ops;
pub mod service;

pub use service::CloudWatch;
