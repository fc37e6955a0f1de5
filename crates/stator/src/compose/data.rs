//! Opens the configured store, and maps its errors to exits of the process.

use crate::cli;
use crate::config::{DataConfig, Size};
use crate::failure::Failure;
use crate::stderr;
use engine::EngineError;
use std::sync::Arc;
use stdx::Clock;
use store::records::RecordError;
use store::{MemoryStore, Store, StoreError};
use store_embedded::{Durability, EmbeddedStore, OpenError, Options, Profile};

/// Opens the store, for so many threads that serve requests.
pub(super) fn open(
    config: &DataConfig,
    clock: Arc<dyn Clock>,
    workers: usize,
) -> Result<Arc<dyn Store>, Failure> {
    let DataConfig::Directory { path, durability, accept_loss, size, .. } = config else {
        return Ok(Arc::new(MemoryStore::private(clock)));
    };
    let options = Options {
        durability: durability_of(*durability),
        profile: profile_of(*size),
        accept_loss: *accept_loss,
        clock,
        workers,
        on_fatal: Arc::new(lost),
        on_warning: Arc::new(|what| tracing::error!("{what}")),
        ..Options::default()
    };
    Ok(Arc::new(EmbeddedStore::open(path, options).map_err(refused)?))
}

/// Nothing can be acknowledged any more.
fn lost(why: &str) {
    stderr::say(format_args!("the store failed and the process ends: {why}"));
    std::process::exit(1);
}

fn durability_of(told: cli::Durability) -> Durability {
    match told {
        cli::Durability::Disk => Durability::Disk,
        cli::Durability::Os => Durability::Os,
    }
}

fn profile_of(size: Size) -> Profile {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    match size {
        Size::Guest => Profile::local(),
        Size::Server { cache_mb } => Profile::production(cache_mb.saturating_mul(1 << 20), cores()),
    }
}

/// Its texts already contain advice.
fn refused(error: OpenError) -> Failure {
    match error {
        OpenError::NewerVersion { .. } => Failure::NewerData(error.to_string()),
        _ => Failure::Data(error.to_string()),
    }
}

/// The store opened, but what the engine keeps in it cannot be read.
pub(super) fn unreadable(config: &DataConfig, error: &EngineError) -> Failure {
    let place = match config {
        DataConfig::Memory => "memory".to_owned(),
        DataConfig::Directory { path, .. } => path.display().to_string(),
    };
    match error {
        EngineError::Record(RecordError::Newer { .. }) => Failure::NewerData(format!("{place}: {error}")),
        EngineError::Store(StoreError::Full(_)) => {
            Failure::Data(format!("{place}: {error}; free some space and start again"))
        }
        _ => Failure::Data(format!("{place}: {error}; restore a backup, or choose another data directory")),
    }
}
