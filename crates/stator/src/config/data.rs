//! Where the data is.

use super::allowed;
use super::database::{DatabaseConfig, StoreSection};
use super::file::Mode;
use crate::cli::{Durability, Invocation};
use crate::failure::Failure;
use serde::Deserialize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// `[data]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DataSection {
    /// As `--data-dir`.
    dir: Option<PathBuf>,
    /// As `--memory`.
    memory: bool,
    /// As `--durability`.
    durability: Option<DurabilityKey>,
    /// As `--encrypt`.
    encrypt: bool,
    /// Megabytes of the caches, half of them for rows and half for blocks of files; a server that says how many is
    /// sized as a server.
    cache_mb: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DurabilityKey {
    Disk,
    Os,
}

/// Where the data of this run is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DataConfig {
    /// Nowhere.
    Memory,
    /// In a directory.
    Directory {
        /// Its path.
        path: PathBuf,
        /// When a write is acknowledged.
        durability: Durability,
        /// Open damaged data without what cannot be read.
        accept_loss: bool,
        /// Whether everything in it is to be sealed.
        encrypted: bool,
        /// How much memory it takes for itself.
        size: Size,
    },
    /// In a database.
    Database(DatabaseConfig),
}

/// How much memory the store takes for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Small: a developer's machine.
    Guest,
    /// As a server of its own, with this cache.
    Server {
        /// In megabytes.
        cache_mb: u64,
    },
}

/// The default cache of a production server.
const CACHE_MB: u64 = 256;
/// Up to a terabyte, which is more than any machine this is made for has.
const CACHE_MB_ALLOWED: RangeInclusive<i64> = 1..=1_048_576;

impl DataConfig {
    /// Memory, a directory or a database, never two from the same source; a flag wins over the file.
    pub(super) fn resolve(
        told: &Invocation,
        file: DataSection,
        store: Option<StoreSection>,
        mode: Mode,
    ) -> Result<Self, Failure> {
        let has_place = told.memory || told.data_dir.is_some();
        if told.store.is_some() && has_place {
            return Err(usage("--store names a database for the data; leave --memory and --data-dir out"));
        }
        if store.is_some() && !file.is_empty() {
            return Err(usage("[store] names a database for the data; leave [data] out"));
        }
        let database = DatabaseConfig::resolve(told, store)?;
        if let Some(database) = database.filter(|_| !has_place) {
            return Self::database(told, &file, database);
        }
        if told.memory && told.data_dir.is_some() {
            return Err(usage(
                "--memory keeps no data and --data-dir names a place for it; give one of them",
            ));
        }
        if file.memory && file.dir.is_some() {
            return Err(usage("[data] has memory = true and a dir; keep one of them"));
        }
        if file.dir.as_ref().is_some_and(|dir| dir.as_os_str().is_empty()) {
            return Err(usage("[data] has an empty dir; name a directory, or leave it out"));
        }
        let cache_mb =
            file.cache_mb.map(|mb| allowed("data", "cache_mb", CACHE_MB_ALLOWED, mb)).transpose()?;
        let in_memory = told.memory || (file.memory && told.data_dir.is_none());
        if in_memory && told.durability.is_some() {
            return Err(usage(
                "--durability is about a disk, and data kept in memory has none; leave one of them out",
            ));
        }
        if in_memory && told.accept_loss {
            return Err(usage(
                "--accept-loss is about damaged data, and memory has none; leave one of them out",
            ));
        }
        if in_memory && (told.encrypt || file.encrypt) {
            return Err(usage("--encrypt is about files, and memory has none; leave one of them out"));
        }
        Ok(if in_memory { DataConfig::Memory } else { Self::directory(told, file, Size::of(cache_mb, mode)) })
    }

    fn database(told: &Invocation, file: &DataSection, database: DatabaseConfig) -> Result<Self, Failure> {
        if told.durability.is_some() {
            return Err(usage("--durability is about files, and a database has its own; leave it out"));
        }
        if told.encrypt || file.encrypt {
            return Err(usage("--encrypt is about files, and a database has its own; leave it out"));
        }
        Ok(DataConfig::Database(database))
    }

    fn directory(told: &Invocation, file: DataSection, size: Size) -> Self {
        let of_file = file.durability.map(|key| match key {
            DurabilityKey::Disk => Durability::Disk,
            DurabilityKey::Os => Durability::Os,
        });
        DataConfig::Directory {
            path: told.data_dir.clone().or(file.dir).unwrap_or_else(|| "./stator-data".into()),
            durability: told.durability.or(of_file).unwrap_or(Durability::Disk),
            accept_loss: told.accept_loss,
            encrypted: told.encrypt || file.encrypt,
            size,
        }
    }
}

impl DataSection {
    fn is_empty(&self) -> bool {
        let DataSection { dir, memory, durability, encrypt, cache_mb } = self;
        dir.is_none() && !memory && durability.is_none() && !encrypt && cache_mb.is_none()
    }
}

impl Size {
    fn of(cache_mb: Option<u64>, mode: Mode) -> Self {
        match (cache_mb, mode) {
            (Some(cache_mb), _) => Size::Server { cache_mb },
            (None, Mode::Production) => Size::Server { cache_mb: CACHE_MB },
            (None, Mode::Local) => Size::Guest,
        }
    }
}

impl Durability {
    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Durability::Disk => "disk",
            Durability::Os => "os",
        }
    }
}

fn usage(sentence: &str) -> Failure {
    Failure::Usage(sentence.to_owned())
}
