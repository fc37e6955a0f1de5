//! The store a run asks for, and what its refusals mean to the process.

use crate::config::DataConfig;
use crate::failure::Failure;
use engine::EngineError;
use std::sync::Arc;
use stdx::Clock;
use store::{MemoryStore, Store};

/// Opens the store.
pub(super) fn open(config: &DataConfig, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, Failure> {
    match config {
        DataConfig::Memory => Ok(Arc::new(MemoryStore::new(clock))),
        DataConfig::Directory { .. } => Err(Failure::Other(NOT_YET.to_owned())),
    }
}

const NOT_YET: &str = "this build has no durable store yet; start it with --memory";

/// The store opened, but what the engine keeps in it cannot be read.
pub(super) fn unreadable(config: &DataConfig, error: &EngineError) -> Failure {
    let place = match config {
        DataConfig::Memory => "memory".to_owned(),
        DataConfig::Directory { path, .. } => path.display().to_string(),
    };
    match error {
        EngineError::Newer(_) => Failure::NewerData(format!("{place}: {error}; start the newer version")),
        _ => Failure::Data(format!("{place}: {error}; restore a backup, or choose another data directory")),
    }
}
