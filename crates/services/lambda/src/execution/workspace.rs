//! The folders of functions: unpacked packages, shared by the processes of a version; and a folder for each process,
//! which is its `/tmp`. All of it lies below one folder of this server, which goes with it.
//!
//! ```text
//! stator-lambda-‹random›/runtime/python.py, node.mjs
//!                        code/‹package›/…              what all processes of the package read
//!                        tmp/‹number›/                 what one process writes
//! ```

use super::settings::ExecutionSettings;
use crate::code::CodeRef;
use crate::package;
use parking_lot::Mutex;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use stdx::Random;

const PYTHON: &str = include_str!("../bootstrap/python.py");
const NODE: &str = include_str!("../bootstrap/node.mjs");

/// The folder of this server.
#[derive(Debug)]
pub(super) struct Workspace {
    root: PathBuf,
    /// The packages that are unpacked.
    unpacked: Mutex<HashSet<String>>,
}

impl Workspace {
    /// Makes the folder. Its name cannot be known beforehand, so nobody else can have made it.
    pub(super) fn make(settings: &ExecutionSettings) -> io::Result<Self> {
        let name = stdx::hex::encode(&Random::secret()[..8]);
        let root = settings.folder.join(format!("stator-lambda-{name}"));
        for folder in [&root, &root.join("runtime"), &root.join("code"), &root.join("tmp")] {
            DirBuilder::new().mode(0o711).create(folder)?;
            fs::set_permissions(folder, Permissions::from_mode(0o711))?;
        }
        let workspace = Workspace { root, unpacked: Mutex::default() };
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
