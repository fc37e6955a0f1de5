//! Functions as processes: started from their packages, spoken to over the Lambda Runtime API, reused while they are
//! warm, and ended with everything they started.
//!
//! What a process may do is bounded by the operating system, since its code is not this server's: it has no variable
//! of the server, a folder and a `/tmp` of its own, limits of memory, files and processes, no new privileges, and where
//! the server runs as root a user of its own. Where the server does not run as root, a function can read what that user
//! can read. A process dies with the server.
//!
//! Reading order: [`settings`], [`invocation`] (one call from START to REPORT), [`pool`] (which process it gets),
//! [`process`], [`sandbox`], [`runtime_api`] (what a process speaks to), [`output`] (what it prints).

mod command;
mod executor;
mod interpreter;
mod invocation;
mod output;
mod pool;
mod process;
mod runtime_api;
mod sandbox;
mod settings;
mod spawner;
mod users;
mod workspace;

pub(crate) use executor::{Call, Executor};
pub use invocation::Invoked;
pub use settings::ExecutionSettings;
