//! Checks of a directory before anything in it is used: HEAD, and that the trees are as new as it records.

use crate::format::HEAD_FILE;
use crate::log::head::{Head, HeadFile};
use crate::moving;
use crate::open::error::OpenError;
use crate::open::options::Options;
use crate::trees::{Name, TreeError, Trees};
use std::path::{Path, PathBuf};

/// The file of the system tree that is damaged, or its folder if none is found to be.
pub(super) fn system_file(dir: &Path, trees: &Trees) -> PathBuf {
    let folder = dir.join(Name::System.folder());
    trees.damaged_files(Name::System, &folder).into_iter().next().unwrap_or(folder)
}

/// A store that is elsewhere is not served here too.
pub(super) fn check_moved(dir: &Path) -> Result<(), OpenError> {
    match moving::moved(dir).map_err(|error| OpenError::unusable(dir, error))? {
        Some(moved) => Err(OpenError::Moved { path: dir.to_owned(), to: moved.to }),
        None => Ok(()),
    }
}

pub(super) fn open_head(
    dir: &Path,
    options: &Options,
) -> Result<(Option<HeadFile>, Option<Head>), OpenError> {
    let path = dir.join(HEAD_FILE);
    if !path.try_exists().map_err(|error| OpenError::unusable(dir, error))? {
        return Ok((None, None));
    }
    let (file, head) = HeadFile::open(&*options.files, &path)?;
    Ok((Some(file), head))
}

pub(super) fn tree_error(dir: &Path, error: TreeError) -> OpenError {
    let path = dir.to_owned();
    match error {
        TreeError::Io(error) if is_missing(&error) => OpenError::DamagedTree {
            path,
            what: format!("a file it needs is missing or too short ({error})"),
        },
        TreeError::Io(error) => OpenError::Io { path, error },
        TreeError::Newer(found) => {
            OpenError::NewerVersion { path, found: found.into(), known: LSM_TREE_VERSION }
        }
        TreeError::Damaged(what) => OpenError::DamagedTree { path, what },
        error @ TreeError::NotCompacted => {
            OpenError::Io { path, error: std::io::Error::other(error.to_string()) }
        }
    }
}

/// HEAD comes into being with the first commit, the trees before it: with HEAD there, a tree without its list of
/// sorted files is not new but damaged.
pub(super) fn check_lists(dir: &Path) -> Result<(), OpenError> {
    for name in Name::ALL {
        let path = dir.join(name.folder());
        let list = path.join(LSM_TREE_LIST);
        if !list.try_exists().map_err(OpenError::io(&list))? {
            return Err(OpenError::DamagedTree { path, what: format!("{LSM_TREE_LIST} is missing") });
        }
    }
    Ok(())
}

/// The trees are at least as new as HEAD: an older copy of one has other sorted files than the log continues from.
pub(super) fn check_age(dir: &Path, head: Option<Head>, trees: &Trees) -> Result<(), OpenError> {
    for (name, known) in Name::ALL.into_iter().zip(head.unwrap_or_default().lists) {
        let found = trees.list(name);
        if found < known {
            return Err(OpenError::DamagedTree {
                path: dir.join(name.folder()),
                what: format!(
                    "it is an older copy: its list of files is number {found}, the last one was {known}"
                ),
            });
        }
    }
    Ok(())
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::UnexpectedEof)
}

/// Names the list of a tree's sorted files; lsm-tree takes a folder without it for a new tree.
const LSM_TREE_LIST: &str = "current";
/// Format of the sorted files that the pinned lsm-tree writes.
const LSM_TREE_VERSION: u32 = 3;
