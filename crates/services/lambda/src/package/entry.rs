//! One entry of a package: a path that stays within the package, and what is made of it.

use crate::errors;
use model::ApiError;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use zip::read::ZipFile;

/// An entry that may be unpacked.
#[derive(Debug)]
pub(super) struct Entry {
    /// As the archive spells it, for messages.
    pub(super) name: String,
    /// Below the package's folder: only names, no `..`.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File {
        is_executable: bool,
    },
    /// A symbolic link; its content is where it leads.
    Link,
}

const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
const ANY_EXECUTES: u32 = 0o111;

impl Entry {
    pub(super) fn of<R: Read>(file: &ZipFile<'_, R>) -> Result<Self, ApiError> {
        let name = file.name().to_owned();
        let path = within(Path::new(&name))
            .ok_or_else(|| errors::unsafe_entry(&name, "leads out of the package"))?;
        let mode = file.unix_mode().unwrap_or_default();
        let kind = match mode & TYPE {
            FOLDER => Kind::Folder,
            LINK => Kind::Link,
            _ if file.is_dir() => Kind::Folder,
            0 | REGULAR => Kind::File { is_executable: mode & ANY_EXECUTES != 0 },
            _ => return Err(errors::unsafe_entry(&name, "is neither a file nor a folder")),
        };
        Ok(Entry { name, path, kind })
    }

    /// Where a link leads, which must be within the package.
    pub(super) fn target(&self, content: &[u8]) -> Result<PathBuf, ApiError> {
        let outside = || errors::unsafe_entry(&self.name, "is a link that leads out of the package");
        let target = PathBuf::from(std::str::from_utf8(content).map_err(|_| outside())?);
        let mut depth = self.path.components().count() - 1;
        for part in target.components() {
            depth = match part {
                Component::Normal(_) => depth + 1,
                Component::CurDir => depth,
                Component::ParentDir => depth.checked_sub(1).ok_or_else(outside)?,
                Component::RootDir | Component::Prefix(_) => return Err(outside()),
            };
        }
        Ok(target)
    }
}

/// The longest path, and the deepest.
const PATH_BYTES_MAX: usize = 1024;
const PATH_DEPTH_MAX: usize = 64;

/// The path without `.`; `None` if it is absolute, goes up, is empty, or has what no file system takes.
fn within(path: &Path) -> Option<PathBuf> {
    if path.as_os_str().len() > PATH_BYTES_MAX || path.components().count() > PATH_DEPTH_MAX {
        return None;
    }
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) if !name.as_encoded_bytes().contains(&0) => clean.push(name),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!clean.as_os_str().is_empty()).then_some(clean)
}
