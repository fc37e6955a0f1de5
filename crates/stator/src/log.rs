//! The log: lines on stderr, as far as they can be written. Stdout carries the ready line and nothing else.

use crate::failure::Failure;
use crate::stderr::Lines;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Starts logging what `filter` lets through, such as `info` or `warn,stator::access=debug`.
pub(crate) fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::Usage(format!("{filter:?} is no log filter: {error}; try --log info")))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Lines);
    let started = subscriber
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .log_internal_errors(false) // they would be printed with eprintln!
        .try_init();
    started.map_err(|error| Failure::Other(format!("cannot start logging: {error}")))
}
