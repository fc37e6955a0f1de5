//! The commands of the binary that are clients of a server: `stator tail`, `stator logs`, `stator hot-keys`,
//! `stator plan`.
//!
//! They speak the public API over HTTP, signed, and so work against this server, another one or AWS. They know
//! nothing of what is behind the API: no engine, no store.

pub mod client;
pub mod explain_denial;
pub mod hot_keys;
pub mod logs;
pub mod plan;
pub mod stop;
pub mod tail;

pub use stop::Stop;
