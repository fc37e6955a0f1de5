//! A store that is moved away, as its directory shows it to the process that has it open and to the one that moves it.
//!
//! ```text
//! moving/LOCK      held by the process that moves it
//! moving/source    names this move
//! moving/log/      while it is there, log files that are not needed any more are put here and not used again; the
//!                  file `series` in it names the time since when that has been so without a break
//! moving/wanted    asks for a copy: who has the store open makes one, and removes this
//! moving/copy/     the copy, whole
//! moving/refused   why there is none
//! MOVED            the store is elsewhere, and where: it is not served here any more
//! ```
//! Who may write in the directory may ask: nothing of this comes over the network. It does not know where a store goes.

use crate::checkpoint;
use crate::core::Core;
use crate::format::{KEPT_FOLDER, MOVED_FILE, MOVING_FOLDER};
use crate::log::changes::Changes;
use crate::open::error::OpenError;
use crate::open::lock_file::LockFile;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use stdx::Random;

const SOURCE: &str = "source";
const SERIES: &str = "series";
const WANTED: &str = "wanted";
const COPY: &str = "copy";
const REFUSED: &str = "refused";
/// What is not whole yet, and what is about to go.
const PARTIAL: &str = ".partial";
const GONE: &str = ".gone";
/// How often an open store looks whether it is asked for a copy.
const LOOK: Duration = Duration::from_millis(500);

/// Where log files go instead of being used again, if this folder is there.
pub(crate) fn kept_folder(dir: &Path) -> PathBuf {
    dir.join(MOVING_FOLDER).join(KEPT_FOLDER)
}

/// Commits were given up: their positions come again, and what was copied of them is not to be built on.
pub(crate) fn break_series(dir: &Path) -> io::Result<()> {
    let folders = [kept_folder(dir), dir.join(MOVING_FOLDER).join(COPY)];
    folders.iter().try_for_each(|folder| remove_at_once(folder))
}

/// Where a store is that was moved away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The place, as its mover has named it.
    pub to: String,
    /// What tells that place from others, as its mover has named that.
    pub id: String,
}

/// Whether the store of a directory was moved away.
///
/// # Errors
/// When that cannot be read.
pub fn moved(dir: &Path) -> io::Result<Option<Moved>> {
    let Some(text) = read(&dir.join(MOVED_FILE))? else { return Ok(None) };
    let mut lines = text.lines().map(str::to_owned);
    let mut line = || lines.next().unwrap_or_default();
    Ok(Some(Moved { to: line(), id: line() }))
}

/// Whether a process has the directory open.
///
/// # Errors
/// When that cannot be told.
pub fn is_in_use(dir: &Path) -> Result<bool, OpenError> {
    match LockFile::take(dir) {
        Ok(_) => Ok(false),
        Err(OpenError::Locked { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

/// What came of asking for a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is not there yet.
    Waiting,
    /// It is there.
    Copy(PathBuf),
    /// It could not be made.
    Refused(String),
}

/// A move that is under way. One process at a time makes it.
#[derive(Debug)]
pub struct Moving {
    dir: PathBuf,
    folder: PathBuf,
    source: String,
    _lock: LockFile,
}

impl Moving {
    /// Begins it, or goes on with it.
    ///
    /// # Errors
    /// When another process moves the store, or the directory cannot be written.
    pub fn begin(dir: &Path) -> Result<Moving, OpenError> {
        let folder = dir.join(MOVING_FOLDER);
        fs::create_dir_all(&folder).map_err(|error| OpenError::unusable(dir, error))?;
        let lock = LockFile::take(&folder)?;
        let source = named(&folder.join(SOURCE)).map_err(OpenError::io(&folder))?;
        Ok(Moving { dir: dir.to_owned(), folder, source, _lock: lock })
    }

    /// Its name.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Lets the log be kept from now on, if it is not, and names since when it is.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn series(&self) -> io::Result<String> {
        let kept = self.folder.join(KEPT_FOLDER);
        if let Some(series) = read(&kept.join(SERIES))? {
            return Ok(series);
        }
        self.forget_copy()?; // the log behind it was not kept
        let partial = partial(&kept);
        remove(&partial)?;
        fs::create_dir(&partial)?;
        let series = named(&partial.join(SERIES))?;
        remove(&kept)?;
        fs::rename(&partial, &kept)?;
        sync(&self.folder)?;
        Ok(series)
    }

    /// The log: what was kept of it, and what is still in use.
    pub fn changes(&self) -> Changes {
        Changes::of(&self.dir)
    }

    /// Asks who has the store open for a copy.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn ask(&self) -> io::Result<()> {
        self.forget_copy()?;
        remove(&self.folder.join(REFUSED))?;
        self.ask_again()
    }

    /// Asks again while there is no answer: one to an earlier question may have taken this one away.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn ask_again(&self) -> io::Result<()> {
        write(&self.folder.join(WANTED), "")
    }

    /// The copy that was asked for, or one that was made before.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn copy(&self) -> io::Result<Asked> {
        let copy = self.folder.join(COPY);
        if copy.try_exists()? {
            return Ok(Asked::Copy(copy));
        }
        Ok(read(&self.folder.join(REFUSED))?.map_or(Asked::Waiting, Asked::Refused))
    }

    /// Removes the copy. An answer that is still to come is none.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn forget_copy(&self) -> io::Result<()> {
        remove(&self.folder.join(WANTED))?;
        remove_at_once(&self.folder.join(COPY))
    }

    /// From here on the store is not served here. Only by who has it open.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn mark_moved(&self, moved: &Moved) -> io::Result<()> {
        write(&self.dir.join(MOVED_FILE), &format!("{}\n{}\n", moved.to, moved.id))
    }

    /// Ends it, or gives it up: nothing is kept for it any more.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn end(self) -> io::Result<()> {
        end(&self.dir)
    }
}

fn end(dir: &Path) -> io::Result<()> {
    remove_at_once(&dir.join(MOVING_FOLDER))
}

/// Removes a folder that others use: for them it is there as a whole, or gone.
fn remove_at_once(folder: &Path) -> io::Result<()> {
    let gone = beside(folder, GONE);
    remove(&gone)?;
    match fs::rename(folder, &gone) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        renamed => renamed?,
    }
    sync(folder.parent().unwrap_or(folder))?;
    remove(&gone)
}

/// Makes the copies that are asked for while a store is open.
pub(crate) struct Answers {
    pub(crate) core: Core,
    /// Its other end goes when the store closes.
    pub(crate) ending: Receiver<()>,
}

impl Answers {
    /// Answers until the store closes.
    pub(crate) fn run(self) {
        let folder = self.core.env.dir.join(MOVING_FOLDER);
        while self.ending.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if !folder.join(WANTED).exists() {
                continue;
            }
            if let Err(error) = self.answer(&folder) {
                (self.core.env.on_warning)(&format!("no copy was made to move the data: {error}"));
                // Where not even that can be written, who asks learns nothing and asks again.
                let _ = write(&folder.join(REFUSED), &error.to_string());
                let _ = remove(&folder.join(WANTED)).and(remove(&partial(&folder.join(COPY))));
            }
        }
    }

    fn answer(&self, folder: &Path) -> io::Result<()> {
        let copy = folder.join(COPY);
        if !copy.exists() {
            let partial = partial(&copy);
            remove(&partial)?;
            checkpoint::write(&self.core, &partial)?;
            fs::rename(&partial, &copy)?;
            sync(folder)?;
        }
        remove(&folder.join(WANTED))
    }
}

fn partial(path: &Path) -> PathBuf {
    beside(path, PARTIAL)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// The name in a file, which is made if it is not there.
fn named(path: &Path) -> io::Result<String> {
    if let Some(name) = read(path)? {
        return Ok(name);
    }
    let name = Random::from_os().uuid();
    write(path, &name)?;
    Ok(name)
}

fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file, whole or not at all.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let partial = partial(path);
    let mut file = File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    sync(path.parent().unwrap_or(path))
}

/// Removes a file or a folder, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
