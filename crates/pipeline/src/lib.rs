//! What every request goes through. Knows no operation: those are rows of a table that a service hands in.

pub mod context;
pub mod operation;

pub use context::{Caller, Cx};
pub use operation::{Access, Entry, Kind, Operation, Service};
