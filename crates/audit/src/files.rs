//! The files: records are appended to `audit.json`, which gets the time as its name when it is large or old; the oldest
//! of those are removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that is written.
const CURRENT: &str = "audit.json";

/// When a file is closed, and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// The size from which on a file is closed.
    pub bytes: u64,
    /// The age at which it is.
    pub seconds: u64,
    /// So many closed files are kept.
    pub files: usize,
}

/// The files of a folder.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    rotation: Rotation,
    file: File,
    bytes: u64,
    opened_seconds: u64,
}

impl Files {
    /// Opens the folder, which is made where it is not there.
    pub(crate) fn open(folder: &Path, rotation: Rotation, now_seconds: u64) -> io::Result<Files> {
        fs::create_dir_all(folder)?;
        let file = append_to(&folder.join(CURRENT))?;
        let bytes = file.metadata()?.len();
        Ok(Files { folder: folder.to_owned(), rotation, file, bytes, opened_seconds: now_seconds })
    }

    /// Appends lines.
    pub(crate) fn append(&mut self, lines: &[u8], now_seconds: u64) -> io::Result<()> {
        if self.is_due(now_seconds) {
            self.rotate(now_seconds)?;
        }
        self.file.write_all(lines)?;
        self.bytes += lines.len() as u64;
        Ok(())
    }

    fn is_due(&self, now_seconds: u64) -> bool {
        let age = now_seconds.saturating_sub(self.opened_seconds);
        self.bytes >= self.rotation.bytes || (age >= self.rotation.seconds && self.bytes > 0)
    }

    fn rotate(&mut self, now_seconds: u64) -> io::Result<()> {
        let current = self.folder.join(CURRENT);
        self.file.sync_all()?;
        fs::rename(&current, self.closed_name(now_seconds))?;
        self.file = append_to(&current)?;
        (self.bytes, self.opened_seconds) = (0, now_seconds);
        self.remove_oldest()
    }

    /// `audit-20261129T170000Z.json`; the second of a second has a number.
    fn closed_name(&self, now_seconds: u64) -> PathBuf {
        let time: String =
            stdx::calendar::iso_8601(now_seconds).chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let named = |number: u32| self.folder.join(format!("audit-{time}-{number:03}.json"));
        (0..).map(named).find(|path| !path.exists()).expect("a second has fewer files than there are numbers")
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut closed: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_closed(path))
            .collect();
        closed.sort();
        let surplus = closed.len().saturating_sub(self.rotation.files);
        closed.iter().take(surplus).try_for_each(fs::remove_file)
    }
}

fn is_closed(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with("audit-") && name.ends_with(".json"))
}

/// Only the server's user reads who did what.
fn append_to(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_closed_by_size_and_age_and_the_oldest_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let rotation = Rotation { bytes: 10, seconds: 100, files: 2 };
        let mut files = Files::open(folder.path(), rotation, 0).expect("it opens");
        let names = || {
            let mut names: Vec<String> = fs::read_dir(folder.path())
                .expect("a folder")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        files.append(b"12345\n", 0).expect("written");
        files.append(b"12345\n", 1).expect("written");
        assert_eq!(names(), ["audit.json"]);
        files.append(b"x\n", 2).expect("written");
        assert_eq!(names(), ["audit-19700101T000002Z-000.json", "audit.json"]);
        assert_eq!(fs::read(folder.path().join(CURRENT)).expect("a file"), b"x\n");
        files.append(b"y\n", 102).expect("written");
        files.append(b"0123456789\n", 103).expect("written");
        files.append(b"z\n", 103).expect("written");
        assert_eq!(
            names(),
            ["audit-19700101T000142Z-000.json", "audit-19700101T000143Z-000.json", "audit.json"]
        );
        let mut again = Files::open(folder.path(), rotation, 104).expect("it opens");
        again.append(b"more\n", 104).expect("written");
        assert_eq!(fs::read(folder.path().join(CURRENT)).expect("a file"), b"z\nmore\n");
    }
}
