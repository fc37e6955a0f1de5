//! A package on disk, for processes to run from. Links are made last, so that no file is written through one.

use super::entry::Kind;
use super::{target, unreadable, walk};
use model::ApiError;
use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;
const EXECUTABLE_MODE: u32 = 0o755;

/// Unpacks a package that [`check`](super::check) has accepted into an empty folder.
pub(crate) fn unpack(zipped: &[u8], into: &Path) -> Result<(), ApiError> {
    let mut links = Vec::new();
    walk(zipped, |entry, content| {
        let path = into.join(&entry.path);
        match entry.kind {
            Kind::Folder => folder(into, &path).map_err(|error| unreadable(&error)),
            Kind::File { is_executable } => {
                let mode = if is_executable { EXECUTABLE_MODE } else { FILE_MODE };
                file(into, &path, content, mode).map_err(|error| unreadable(&error))
            }
            Kind::Link => {
                links.push((path, target(&entry, content)?));
                Ok(())
            }
        }
    })?;
    for (path, target) in links {
        link(into, &path, &target).map_err(|error| unreadable(&error))?;
    }
    Ok(())
}

/// Makes a folder and those above it, open to all whatever the umask is.
fn folder(into: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    let mut made = path.ancestors().take_while(|above| *above != into);
    made.try_for_each(|folder| fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE)))
}

fn file(into: &Path, path: &Path, content: &mut dyn Read, mode: u32) -> io::Result<()> {
    path.parent().map(|parent| folder(into, parent)).transpose()?;
    let mut file = File::create_new(path)?;
    io::copy(content, &mut file)?;
    file.set_permissions(Permissions::from_mode(mode))
}

fn link(into: &Path, path: &Path, target: &Path) -> io::Result<()> {
    path.parent().map(|parent| folder(into, parent)).transpose()?;
    symlink(target, path)
}
