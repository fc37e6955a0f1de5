//! Where the bytes of objects are: `<folder>/<bucket>/<two digits>/<id>`, files with random names that are written
//! once. Nothing of a key is in a path. Does not know what refers to a file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::Random;

/// How often folders are made that the deletion of a bucket of the same name removes meanwhile.
const TRIES_MAX: usize = 8;

/// A folder of buckets. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Folder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Whether a file is on disk before its object is.
    is_synced: bool,
    /// Whether the folder goes with this value.
    is_temporary: bool,
}

/// A file: its bucket and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) bucket: String,
    pub(crate) id: u128,
}

impl Folder {
    /// The objects in this folder, which is made once it is needed. `is_synced`: an object that was put is on disk.
    pub fn at(path: impl Into<PathBuf>, is_synced: bool) -> Self {
        Folder(Arc::new(Inner { path: path.into(), is_synced, is_temporary: false }))
    }

    /// A folder with a name of its own among the system's temporary files, which is deleted at the end.
    pub fn temporary(random: &Random) -> Self {
        let path = std::env::temp_dir().join(format!("stator-s3-{:016x}", random.next_u64()));
        Folder(Arc::new(Inner { path, is_synced: false, is_temporary: true }))
    }

    /// No folder: no object can be put.
    pub fn none() -> Self {
        Folder::at("", false)
    }

    /// Whether objects can be put.
    pub(crate) fn is_there(&self) -> bool {
        !self.0.path.as_os_str().is_empty()
    }

    fn path_of(&self, name: &FileName) -> PathBuf {
        let id = format!("{:032x}", name.id);
        self.0.path.join(&name.bucket).join(&id[..2]).join(id)
    }

    /// Makes a file that is not there yet.
    pub(crate) fn create(&self, name: &FileName) -> io::Result<File> {
        let path = self.path_of(name);
        let create = || OpenOptions::new().write(true).create_new(true).open(&path);
        let parent = path.parent().expect("a file lies in a folder");
        for _ in 0..TRIES_MAX {
            match create() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.make(parent)?,
                created => return created,
            }
        }
        create()
    }

    /// Makes a folder and those above it, each on disk before what is in it.
    fn make(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            self.make(parent)?;
        }
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        self.sync_folder(path)
    }

    /// Makes sure that a file is on disk, with its name.
    pub(crate) fn sync(&self, file: &File, name: &FileName) -> io::Result<()> {
        if !self.0.is_synced {
            return Ok(());
        }
        file.sync_all()?;
        self.sync_folder(&self.path_of(name))
    }

    /// The entry of a path in the folder above it.
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match path.parent().filter(|parent| self.0.is_synced && !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    }

    /// Opens a file to be read.
    pub(crate) fn open(&self, name: &FileName) -> io::Result<File> {
        File::open(self.path_of(name))
    }

    /// Deletes a file, if it is there.
    pub(crate) fn remove(&self, name: &FileName) -> io::Result<()> {
        match fs::remove_file(self.path_of(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Deletes the folders of a bucket, as far as they are empty.
    pub(crate) fn remove_bucket(&self, bucket: &str) {
        let path = self.0.path.join(bucket);
        let inside = fs::read_dir(&path).into_iter().flatten().flatten();
        inside.for_each(|entry| _ = fs::remove_dir(entry.path()));
        _ = fs::remove_dir(path);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.is_temporary {
            _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn files_come_and_go() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("s3"), true);
        let name = FileName { bucket: "bucket".to_owned(), id: 0xAB << 120 };
        let mut file = folder.create(&name).unwrap();
        file.write_all(b"bytes").unwrap();
        folder.sync(&file, &name).unwrap();
        assert!(folder.create(&name).is_err(), "a name is used once");
        let mut read = String::new();
        folder.open(&name).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, "bytes");
        assert!(place.path().join("s3/bucket/ab").is_dir());
        folder.remove_bucket("bucket");
        assert!(folder.open(&name).is_ok(), "what is not empty stays");
        folder.remove(&name).unwrap();
        folder.remove(&name).unwrap();
        folder.remove_bucket("bucket");
        assert!(!place.path().join("s3/bucket").exists());
    }

    #[test]
    fn a_temporary_folder_goes() {
        let folder = Folder::temporary(&Random::from_os());
        folder.create(&FileName { bucket: "bucket".to_owned(), id: 1 }).unwrap();
        let path = folder.0.path.clone();
        assert!(path.exists());
        drop(folder);
        assert!(!path.exists());
    }
}
