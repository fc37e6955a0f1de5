//! A deployment package: a zip archive that comes from a client and is believed in nothing. It is unpacked once, to
//! nowhere, before it is accepted, so that what a function will be started from later is known to unpack.
//!
//! Refused: what is no zip; entries with absolute paths, with `..`, twice, below a link; links that lead out of the
//! package; devices and encrypted entries; more than [`UNZIPPED_BYTES_MAX`] bytes or [`ENTRIES_MAX`] entries, counted
//! as they are unpacked, whatever the archive says of itself.

mod entry;
mod unpack;

use crate::errors;
use entry::{Entry, Kind};
use model::ApiError;
use std::collections::BTreeSet;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use zip::ZipArchive;

pub(crate) use unpack::unpack;

/// A package must be smaller, as it is sent.
pub(crate) const ZIPPED_BYTES_MAX: usize = 52_428_800;
/// A package must be smaller, unpacked.
pub(crate) const UNZIPPED_BYTES_MAX: u64 = 262_144_000;
/// Files and folders of a package.
const ENTRIES_MAX: usize = 100_000;
const TARGET_BYTES_MAX: u64 = 4096;

/// Refuses a package that could not be unpacked. Takes as long as unpacking.
pub(crate) fn check(zipped: &[u8]) -> Result<(), ApiError> {
    if zipped.len() >= ZIPPED_BYTES_MAX {
        return Err(errors::zipped_too_large());
    }
    let mut seen = Seen::default();
    walk(zipped, |entry, content| {
        seen.add(&entry)?;
        match entry.kind {
            Kind::Folder => Ok(()),
            Kind::Link => target(&entry, content).map(|_| ()),
            Kind::File { .. } => read_all(content),
        }
    })
}

/// The same away from the threads that serve requests.
pub(crate) async fn checked(zipped: Vec<u8>) -> Result<Vec<u8>, ApiError> {
    let checking = tokio::task::spawn_blocking(move || check(&zipped).map(|()| zipped));
    checking.await.unwrap_or_else(|_| Err(errors::not_a_zip()))
}

/// Visits every entry, with a reader that ends with an error where the package grows too large.
fn walk(
    zipped: &[u8],
    mut visit: impl FnMut(Entry, &mut dyn Read) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let mut archive = ZipArchive::new(Cursor::new(zipped)).map_err(|_| errors::not_a_zip())?;
    if archive.len() > ENTRIES_MAX {
        return Err(errors::unzipped_too_large());
    }
    let mut left = UNZIPPED_BYTES_MAX;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|_| errors::not_a_zip())?;
        let entry = Entry::of(&file)?;
        let mut bounded = Bounded { from: &mut file, left: &mut left };
        visit(entry, &mut bounded)?;
    }
    Ok(())
}

/// The files and links that the package has had so far, and the folders that are above or are entries.
#[derive(Default)]
struct Seen {
    leaves: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Seen {
    /// A file that is there twice, or that lies below a file or a link, could be written through it.
    fn add(&mut self, entry: &Entry) -> Result<(), ApiError> {
        let above = entry.path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        for folder in above {
            if self.leaves.contains(folder) {
                return Err(errors::unsafe_entry(&entry.name, "lies below a file or a link"));
            }
            self.folders.insert(folder.to_owned());
        }
        let is_new = match entry.kind {
            Kind::Folder => {
                self.folders.insert(entry.path.clone());
                !self.leaves.contains(&entry.path)
            }
            _ => !self.folders.contains(&entry.path) && self.leaves.insert(entry.path.clone()),
        };
        if is_new { Ok(()) } else { Err(errors::unsafe_entry(&entry.name, "is there twice")) }
    }
}

/// A reader of an entry that counts for the whole package.
struct Bounded<'a, R> {
    from: R,
    left: &'a mut u64,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) if left > 0 => *self.left = left,
            _ => return Err(io::Error::from(io::ErrorKind::FileTooLarge)),
        }
        Ok(count)
    }
}

/// Where a link leads: what it holds, which is short.
fn target(entry: &Entry, content: &mut dyn Read) -> Result<PathBuf, ApiError> {
    let mut bytes = Vec::new();
    content.take(TARGET_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    entry.target(&bytes)
}

fn read_all(content: &mut dyn Read) -> Result<(), ApiError> {
    io::copy(content, &mut io::sink()).map(|_| ()).map_err(|error| unreadable(&error))
}

/// The checksum of an entry or its compression is wrong, or the package is too large.
fn unreadable(error: &io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => errors::unzipped_too_large(),
        _ => errors::not_a_zip(),
    }
}

#[cfg(test)]
mod tests;
