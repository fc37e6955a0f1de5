//! Opens the configured store, and maps its errors to exits of the process.

use crate::cli;
use crate::config::{DataConfig, DatabaseConfig, Size};
use crate::failure::Failure;
use crate::stderr;
use engine::EngineError;
use std::sync::Arc;
use stdx::Clock;
use store::records::RecordError;
use store::{MemoryStore, Store, StoreError};
use store_embedded::{Durability, EmbeddedStore, OpenError, Options, Profile, Purpose};
use store_postgres::PostgresStore;

/// Opens the store, for so many threads that serve requests.
pub(super) fn open(
    config: &DataConfig,
    clock: Arc<dyn Clock>,
    workers: usize,
) -> Result<Arc<dyn Store>, Failure> {
    match config {
        DataConfig::Memory => Ok(Arc::new(MemoryStore::private(clock))),
        DataConfig::Database(database) => open_database(database, clock),
        DataConfig::Directory { .. } => {
            let store = directory(config, Purpose::Serve, clock, workers)?;
            Ok(Arc::new(store.map_err(refused)?))
        }
    }
}

/// Opens the store of a configuration that has a directory; what comes of that is the caller's to judge.
pub(crate) fn directory(
    config: &DataConfig,
    purpose: Purpose,
    clock: Arc<dyn Clock>,
    workers: usize,
) -> Result<Result<EmbeddedStore, OpenError>, Failure> {
    let DataConfig::Directory { path, durability, accept_loss, size, .. } = config else {
        return Err(Failure::Usage("there is no data directory; name one by --data-dir".to_owned()));
    };
    let options = Options {
        durability: durability_of(*durability),
        profile: profile_of(*size),
        accept_loss: *accept_loss,
        purpose,
        clock,
        workers,
        on_fatal: Arc::new(lost),
        on_warning: Arc::new(|what| tracing::error!("{what}")),
        ..Options::default()
    };
    Ok(EmbeddedStore::open(path, options))
}

fn open_database(config: &DatabaseConfig, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, Failure> {
    let options = store_postgres::Options {
        read_replicas: config.read_replicas.clone(),
        schema: config.schema.clone(),
        cluster: config.cluster.clone(),
        writers: config.connections,
        accept_loss: config.accept_loss,
        clock,
        ..store_postgres::Options::of(&config.url)
    };
    let opened = PostgresStore::open(options).map_err(|error| refused_by_database(config, error));
    Ok(Arc::new(opened?))
}

/// Its texts already contain advice.
pub(crate) fn refused_by_database(config: &DatabaseConfig, error: store_postgres::OpenError) -> Failure {
    let sentence = format!("{}: {error}", config.shown());
    match error {
        store_postgres::OpenError::Url(_) | store_postgres::OpenError::Tls(_) => {
            Failure::Usage(error.to_string())
        }
        store_postgres::OpenError::NewerSchema { .. } => Failure::NewerData(sentence),
        _ => Failure::Data(sentence),
    }
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
pub(crate) fn refused(error: OpenError) -> Failure {
    match error {
        OpenError::NewerVersion { .. } => Failure::NewerData(error.to_string()),
        _ => Failure::Data(error.to_string()),
    }
}

/// The store opened, but what the engine keeps in it cannot be read.
pub(crate) fn unreadable(config: &DataConfig, error: &EngineError) -> Failure {
    let place = match config {
        DataConfig::Memory => "memory".to_owned(),
        DataConfig::Directory { path, .. } => path.display().to_string(),
        DataConfig::Database(database) => database.shown(),
    };
    match error {
        EngineError::Record(RecordError::Newer { .. }) => Failure::NewerData(format!("{place}: {error}")),
        EngineError::Store(StoreError::Full(_)) => {
            Failure::Data(format!("{place}: {error}; free some space and start again"))
        }
        _ if matches!(config, DataConfig::Database(_)) => Failure::Data(format!("{place}: {error}")),
        _ => Failure::Data(format!("{place}: {error}; restore a backup, or choose another data directory")),
    }
}
