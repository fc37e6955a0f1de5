//! The audit log: on in production, unless the data is in memory and no folder is named.

use super::duration;
use super::file::Mode;
use super::print::quoted;
use super::{DataConfig, allowed, beside};
use crate::failure::Failure;
use audit::{Audited, Rotation};
use serde::Deserialize;
use std::fmt::{self, Formatter};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `[audit]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuditSection {
    events: Option<EventsKey>,
    /// Its path is relative to the file it is in.
    dir: Option<PathBuf>,
    rotate_mb: Option<i64>,
    rotate_after: Option<String>,
    keep_files: Option<i64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EventsKey {
    Off,
    Management,
    All,
}

/// The audit log of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuditConfig {
    pub(crate) audited: Audited,
    pub(crate) folder: PathBuf,
    pub(crate) rotation: Rotation,
}

const ROTATE_MB: i64 = 64;
const ROTATE_AFTER: Duration = Duration::from_secs(24 * 3_600);
const KEEP_FILES: i64 = 30;

/// `None` where there is none.
pub(super) fn resolve(
    config: Option<&Path>,
    file: AuditSection,
    data: &DataConfig,
    mode: Mode,
) -> Result<Option<AuditConfig>, Failure> {
    let folder = file.dir.map(|dir| beside(config, &dir)).or_else(|| folder_of(data));
    let audited = match (file.events, mode) {
        (Some(EventsKey::Off), _) | (None, Mode::Local) => return Ok(None),
        (None, Mode::Production) if *data == DataConfig::Memory && folder.is_none() => return Ok(None),
        (Some(EventsKey::All), _) => Audited::All,
        (Some(EventsKey::Management), _) | (None, Mode::Production) => Audited::Management,
    };
    let Some(folder) = folder else { return Err(Failure::Usage(NO_FOLDER.to_owned())) };
    let age = file.rotate_after.as_deref().map(duration::parse).transpose();
    let age = age.map_err(|fault| Failure::Usage(format!("[audit] has rotate_after: {fault}")))?;
    let age = age.unwrap_or(ROTATE_AFTER);
    if age < Duration::from_secs(60) {
        return Err(Failure::Usage(
            "[audit] has a rotate_after of less than a minute; take 1m or more".to_owned(),
        ));
    }
    let megabytes = allowed("audit", "rotate_mb", 1..=100_000, file.rotate_mb.unwrap_or(ROTATE_MB))?;
    let files = allowed("audit", "keep_files", 1..=100_000, file.keep_files.unwrap_or(KEEP_FILES))?;
    let files = usize::try_from(files).expect("it is at most a hundred thousand");
    let rotation = Rotation { bytes: megabytes << 20, seconds: age.as_secs(), files };
    Ok(Some(AuditConfig { audited, folder, rotation }))
}

/// Beside the data, so that a backup of the data is none of the log.
fn folder_of(data: &DataConfig) -> Option<PathBuf> {
    match data {
        DataConfig::Memory | DataConfig::Database(_) => None,
        DataConfig::Directory { path, .. } => {
            let mut name = path.file_name()?.to_owned();
            name.push("-audit");
            Some(path.with_file_name(name))
        }
    }
}

const NO_FOLDER: &str = "[audit] needs a dir, or events = \"off\": data in memory or in a database has no folder \
                         that the log could be beside";

/// As `[audit]`.
pub(super) fn write(config: Option<&AuditConfig>, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(AuditConfig { audited, folder, rotation }) = config else {
        return writeln!(f, "[audit]\nevents = \"off\"\n");
    };
    let events = match audited {
        Audited::Management => "management",
        Audited::All => "all",
    };
    writeln!(f, "[audit]\nevents = {}\ndir = {}", quoted(events), quoted(&folder.display()))?;
    let Rotation { bytes, seconds, files } = rotation;
    writeln!(f, "rotate_mb = {}\nrotate_after = \"{seconds}s\"\nkeep_files = {files}\n", bytes >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_on_in_production_where_there_is_a_folder() {
        let section = |text: &str| toml::from_str::<AuditSection>(text).expect("a section");
        let in_memory = |text: &str, mode| resolve(None, section(text), &DataConfig::Memory, mode);
        assert_eq!(in_memory("", Mode::Production).expect("off"), None);
        assert_eq!(in_memory("", Mode::Local).expect("off"), None);
        let on = in_memory("events = \"all\"\ndir = \"a\"", Mode::Local).expect("on").expect("on");
        assert_eq!((on.audited, on.folder.as_path()), (Audited::All, Path::new("a")));
        for wrong in ["events = \"all\"", "dir = \"a\"\nrotate_mb = 0", "dir = \"a\"\nrotate_after = \"1s\""]
        {
            assert!(matches!(in_memory(wrong, Mode::Production), Err(Failure::Usage(_))), "{wrong}");
        }
    }
}
