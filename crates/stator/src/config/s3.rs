//! Where the bytes of S3's objects are: beside the data, or in a folder that is named.

use super::data::DataConfig;
use super::print::quoted;
use crate::cli::{Durability, Invocation};
use ::s3::Folder;
use serde::Deserialize;
use std::fmt::{self, Formatter};
use std::path::PathBuf;
use stdx::Random;

/// `[s3]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct S3Section {
    /// As `--s3-dir`.
    dir: Option<PathBuf>,
}

/// The folder that was named.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct S3Config {
    dir: Option<PathBuf>,
}

impl S3Config {
    pub(super) fn resolve(told: &Invocation, file: S3Section) -> Self {
        S3Config { dir: told.s3_dir.clone().or(file.dir) }
    }

    /// The folder of this run. Without a name it goes with data in memory, and there is none beside a database, whose
    /// servers would have one each.
    pub(crate) fn folder(&self, data: &DataConfig, random: &Random) -> Folder {
        match (&self.dir, data) {
            (Some(dir), DataConfig::Directory { durability, .. }) => {
                Folder::at(dir, *durability == Durability::Disk)
            }
            (Some(dir), DataConfig::Memory) => Folder::at(dir, false),
            (Some(dir), DataConfig::Database(_)) => Folder::at(dir, true),
            (None, DataConfig::Memory) => Folder::temporary(random),
            (None, DataConfig::Database(_)) => Folder::none(),
            (None, DataConfig::Directory { path, durability, .. }) => {
                Folder::at(path.join("s3"), *durability == Durability::Disk)
            }
        }
    }

    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.dir {
            Some(dir) => writeln!(f, "[s3]\ndir = {}\n", quoted(&dir.display())),
            None => Ok(()),
        }
    }
}
