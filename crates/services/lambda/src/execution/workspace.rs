//! The folders of functions: unpacked packages, shared by the processes of a version; and a folder for each process,
//! which is its `/tmp`. All of it lies below one folder of this server, which goes with it; what a server that was
//! killed has left is removed by the next one.
//!
//! ```text
//! stator-lambda-‹random›/lock                           locked by the server as long as it lives
//!                        runtime/python.py, node.mjs
//!                        code/‹package›/…              what all processes of the package read
//!                        tmp/‹number›/                 what one process writes
//! ```

use super::settings::ExecutionSettings;
use crate::code::CodeRef;
use crate::package;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, DirEntry, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use stdx::Random;

const PREFIX: &str = "stator-lambda-";
const PYTHON: &str = include_str!("../bootstrap/python.py");
const NODE: &str = include_str!("../bootstrap/node.mjs");

/// The folder of this server.
#[derive(Debug)]
pub(super) struct Workspace {
    root: PathBuf,
    /// The packages that are unpacked.
    unpacked: Mutex<HashSet<String>>,
    _lock: File,
}

impl Workspace {
    /// Makes the folder. Its name cannot be known beforehand, so nobody else can have made it.
    pub(super) fn make(settings: &ExecutionSettings) -> io::Result<Self> {
        remove_abandoned(&settings.folder);
        let name = stdx::hex::encode(&Random::secret()[..8]);
        let root = settings.folder.join(format!("{PREFIX}{name}"));
        for folder in [&root, &root.join("runtime"), &root.join("code"), &root.join("tmp")] {
            DirBuilder::new().mode(0o711).create(folder)?;
            fs::set_permissions(folder, Permissions::from_mode(0o711))?;
        }
        let _lock = lock(&root)?;
        let workspace = Workspace { root, unpacked: Mutex::default(), _lock };
        for (name, text) in [("python.py", PYTHON), ("node.mjs", NODE)] {
            let path = workspace.bootstrap(name);
            fs::write(&path, text)?;
            fs::set_permissions(&path, Permissions::from_mode(0o644))?;
        }
        Ok(workspace)
    }

    /// A bootstrap of this server.
    pub(super) fn bootstrap(&self, name: &str) -> PathBuf {
        self.root.join("runtime").join(name)
    }

    /// Where a package is unpacked, if it is.
    pub(super) fn code(&self, code: &CodeRef) -> Option<PathBuf> {
        self.unpacked.lock().contains(&code.id).then(|| self.code_folder(code))
    }

    fn code_folder(&self, code: &CodeRef) -> PathBuf {
        self.root.join("code").join(&code.id)
    }

    /// Unpacks a package that was read from the store. Blocks.
    pub(super) fn unpack(&self, code: &CodeRef, zipped: &[u8]) -> io::Result<PathBuf> {
        let folder = self.code_folder(code);
        let mut unpacked = self.unpacked.lock();
        if !unpacked.contains(&code.id) {
            _ = fs::remove_dir_all(&folder);
            DirBuilder::new().mode(0o755).create(&folder)?;
            fs::set_permissions(&folder, Permissions::from_mode(0o755))?;
            package::unpack(zipped, &folder).map_err(|_| io::Error::other("its package does not unpack"))?;
            unpacked.insert(code.id.clone());
        }
        Ok(folder)
    }

    /// A new folder for one process, which that user owns.
    pub(super) fn make_tmp(&self, number: u64, owner: Option<u32>) -> io::Result<Tmp> {
        let path = self.root.join("tmp").join(number.to_string());
        DirBuilder::new().mode(0o700).create(&path)?;
        let tmp = Tmp { path };
        chown(&tmp.path, owner, owner)?;
        Ok(tmp)
    }
}

/// Locks a folder. The file has its name only once it is locked, so that nobody sees it unlocked.
fn lock(root: &Path) -> io::Result<File> {
    let unnamed = root.join("lock.new");
    let file = File::create_new(&unnamed)?;
    file.lock()?;
    fs::rename(unnamed, root.join("lock"))?;
    Ok(file)
}

/// Removes the folders of servers that were killed: those of this user that nobody has locked.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(is_abandoned) {
        let folder = entry.path();
        match fs::remove_dir_all(&folder) {
            Ok(()) => tracing::info!(folder = %folder.display(), "a folder of a killed server is removed"),
            Err(error) => {
                tracing::warn!(%error, folder = %folder.display(), "a folder of a killed server stays")
            }
        }
    }
}

fn is_abandoned(entry: &DirEntry) -> bool {
    let own = rustix::process::geteuid().as_raw();
    entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
        && entry.metadata().is_ok_and(|found| found.is_dir() && found.uid() == own)
        && File::open(entry.path().join("lock")).is_ok_and(|lock| lock.try_lock().is_ok())
}

impl Drop for Workspace {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.root);
    }
}

/// The folder of one process, which goes with it.
#[derive(Debug)]
pub(super) struct Tmp {
    path: PathBuf,
}

impl Tmp {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Tmp {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(folder: &Path) -> Workspace {
        Workspace::make(&ExecutionSettings { folder: folder.to_owned(), ..ExecutionSettings::default() })
            .unwrap()
    }

    #[test]
    fn folders_of_killed_servers_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (living, killed) = (workspace(folder.path()), workspace(folder.path()));
        let left = killed.root.clone();
        let Workspace { _lock, .. } = &killed;
        _lock.unlock().unwrap(); // as the end of its process does
        let next = workspace(folder.path());
        assert!(!left.exists() && living.root.exists() && next.root.exists());
    }
}
