//! Lambda: functions as processes of this machine.
//!
//! Reading order: [`function`] (what is kept), [`functions`] (what the operations and other parts of the server call),
//! [`execution`] (how they are run), [`event_sources`] (what calls functions with the records of streams), [`ops`] (the
//! table of operations, a file for each), [`package`] (what comes from clients and is believed in
//! nothing).

pub mod access;
mod admission;
pub mod alias;
pub mod code;
pub mod code_location;
pub mod code_source;
mod describe;
pub mod destinations;
mod environment;
pub mod errors;
pub mod event_invoke;
pub mod event_sources;
mod events;
pub mod execution;
pub mod function;
pub mod functions;
pub mod measures;
pub mod name;
pub mod ops;
mod package;
mod payload;
pub mod permission;
pub mod runtime;
pub mod service;
mod tags;

pub use destinations::Destinations;
pub use event_sources::EventSources;
pub use execution::{ExecutionSettings, Invoked};
pub use functions::{Execution, Functions, InvocationType};
pub use service::Lambda;
