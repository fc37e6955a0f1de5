//! Lambda: functions as processes of this machine.
//!
//! Reading order: [`function`] (what is kept), [`functions`] (what the operations and other parts of the server call),
//! [`event_sources`] (what calls functions with the records of streams), [`ops`] (the table of operations, a file for
//! each), [`package`] (what comes from clients and is believed in
//! nothing).

pub mod code;
mod describe;
mod environment;
pub mod errors;
pub mod event_sources;
pub mod function;
pub mod functions;
pub mod name;
pub mod ops;
mod package;
pub mod runtime;
pub mod service;

pub use event_sources::EventSources;
pub use functions::{Execution, Functions};
pub use service::Lambda;
