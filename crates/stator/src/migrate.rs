//! `stator migrate`: moves a data directory into a database, for servers that share it.
//!
//! While a server has the directory open, it is asked for a copy of it, which is copied there; then for another one,
//! and what has changed in between is written in the order of the log, until that is little. Once no server has it
//! open, what is left is written in the same way; the directory is marked, so that no server opens it any more; and
//! then servers are let in there. Whatever is written is read back and compared. It may be interrupted anywhere, and is
//! then run again.

mod bar;
mod copying;
mod following;

use crate::cli::Invocation;
use crate::compose::data::{directory, refused, refused_by_database, unreadable};
use crate::compose::keys;
use crate::config::{Config, DataConfig, DatabaseConfig};
use crate::failure::Failure;
use crate::stderr;
use clap::Args;
use copying::{Copied, copy};
use following::{Followed, NotFollowed, follow};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, Random, SystemClock};
use store::wait::wait;
use store::{Store, StoreError};
use store_embedded::{Asked, EmbeddedStore, Moved, Moving, OpenError, Purpose};
use store_postgres::filling::{Filling, Progress, Rest};

/// `stator migrate`'s own arguments.
#[derive(Debug, Clone, Args)]
pub(crate) struct Arguments {
    /// The database, such as postgres://user@host/database
    #[arg(
        long,
        value_name = "URL",
        env = "STATOR_STORE",
        hide_env = true,
        hide_env_values = true,
        required_unless_present = "cancel"
    )]
    to: Option<String>,

    /// Its schema, which is made
    #[arg(long, value_name = "NAME", default_value = "stator")]
    schema: String,

    /// Directory of the data [default: ./stator-data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// The stator.toml of the server that had the data
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Compare everything at the end, not only what changed since it was compared
    #[arg(long)]
    compare_all: bool,

    /// Give a move up that has not ended: the log is not kept any more
    #[arg(long)]
    cancel: bool,
}

/// A round that has found no more changes than this is the last one before the server is to be stopped.
const FEW: u64 = 10_000;
/// So often everything may have been compared, without a round in between, before something must be wrong.
const WHOLES_MAX: u32 = 3;
/// How long a server may take to make a copy: it links files, and copies what is not in sorted files yet.
const ANSWER_MAX: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(100);
/// So many times it is looked for an answer, then it is asked again.
const ASK_AGAIN: u32 = 10;
/// After so long one is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { to, schema, data_dir, config, compare_all, cancel } = arguments;
    let config = Config::resolve(Invocation { config, data_dir, ..Invocation::default() })?;
    let path = folder(&config.data)?;
    let Some(to) = to.filter(|_| !cancel) else { return give_up(&path) };
    let database = DatabaseConfig { schema, ..DatabaseConfig::of(to, false) };
    let moved = store_embedded::moved(&path).map_err(|error| failed(path.display(), error))?;
    let moving = begin(&path)?;
    let filling = match &moved {
        None => Filling::begin(&options(&database), moving.source()),
        Some(moved) => match resume(&database, moved, &path)? {
            Some(filling) => Ok(filling),
            None => {
                let (path, to) = (path.display(), &moved.to);
                stderr::say(format_args!("{path} was moved to {to} already; start servers with --store"));
                return moving.end().map_err(|error| failed(path, error));
            }
        },
    };
    let filling = filling.map_err(|error| refused_by_database(&database, error))?;
    let of = Move { config, path, database, moving, filling, compare_all };
    match directory(&of.config.data, Purpose::Move, Arc::new(SystemClock), 2)? {
        Ok(store) => of.finish(store),
        Err(OpenError::Locked { .. }) => of.beside_a_server(),
        Err(error) => Err(refused(error)),
    }
}

/// The data directory, which is one.
fn folder(data: &DataConfig) -> Result<PathBuf, Failure> {
    match data {
        DataConfig::Directory { path, .. } if path.join("log").is_dir() => Ok(path.clone()),
        DataConfig::Directory { path, .. } => {
            Err(Failure::Data(format!("{} is no data directory", path.display())))
        }
        _ => Err(Failure::Usage("there is no data directory; name one by --data-dir".to_owned())),
    }
}

fn options(database: &DatabaseConfig) -> store_postgres::Options {
    store_postgres::Options { schema: database.schema.clone(), ..store_postgres::Options::of(&database.url) }
}

fn begin(path: &Path) -> Result<Moving, Failure> {
    Moving::begin(path).map_err(|error| match error {
        OpenError::Locked { .. } => Failure::Data(format!("another stator migrate moves {}", path.display())),
        error => refused(error),
    })
}

/// The schema that a directory which is marked as moved was moved to, to be ended; none if it is whole. No other one is
/// begun: servers may have been let in there.
fn resume(database: &DatabaseConfig, moved: &Moved, path: &Path) -> Result<Option<Filling>, Failure> {
    let Moved { to, id } = moved;
    Filling::resume(&options(database), id).map_err(|error| match error {
        store_postgres::OpenError::NoSchema { .. } => {
            refused(OpenError::Moved { path: path.to_owned(), to: to.clone() })
        }
        error => refused_by_database(database, error),
    })
}

/// `--cancel`.
fn give_up(path: &Path) -> Result<(), Failure> {
    if let Some(Moved { to, .. }) =
        store_embedded::moved(path).map_err(|error| failed(path.display(), error))?
    {
        return Err(refused(OpenError::Moved { path: path.to_owned(), to }));
    }
    begin(path)?.end().map_err(|error| failed(path.display(), error))?;
    stderr::say(format_args!(
        "{} is not being moved any more; drop the schema that was begun",
        path.display()
    ));
    Ok(())
}

fn failed(place: impl Display, why: impl Display) -> Failure {
    Failure::Data(format!("{place}: {why}; run this again, it goes on"))
}

/// A move that has been begun.
struct Move {
    config: Config,
    path: PathBuf,
    database: DatabaseConfig,
    moving: Moving,
    filling: Filling,
    compare_all: bool,
}

impl Move {
    fn of_directory(&self, why: impl Display) -> Failure {
        failed(self.path.display(), why)
    }

    fn of_database(&self, error: impl Display) -> Failure {
        failed(self.database.shown(), error)
    }

    /// Copies what a server has, as far as it goes on.
    fn beside_a_server(self) -> Result<(), Failure> {
        stderr::say(format_args!("a server has {} open, and goes on", self.path.display()));
        let (mut before, mut wholes) = (None, 0);
        loop {
            let Some((copy, is_new)) = self.copy()? else { continue };
            let round = self.bring(&copy)?;
            drop(copy);
            self.moving.forget_copy().map_err(|error| self.of_directory(error))?;
            let Some(Followed(changes)) = round else {
                wholes += 1;
                if wholes == WHOLES_MAX {
                    return Err(self.of_directory("its log does not lead from one copy to the next"));
                }
                continue;
            };
            stderr::say(format_args!("{changes} changes meanwhile are written and compared"));
            if !is_new {
                continue;
            }
            if changes <= FEW || before.is_some_and(|before| before <= changes) {
                break;
            }
            before = Some(changes);
        }
        stderr::say(format_args!(
            "all but what changes from now on is in {}: stop the server, and run this again to end the move. Until then \
             the log is kept in {}; --cancel gives the move up",
            self.database.shown(),
            self.path.join("moving").display()
        ));
        Ok(())
    }

    /// A copy of the server's, and whether it was made just now: one that was there before may be old. None if it is
    /// older than what is written.
    fn copy(&self) -> Result<Option<(EmbeddedStore, bool)>, Failure> {
        let series = self.moving.series().map_err(|error| self.of_directory(error))?;
        let (path, is_new) = self.copied()?;
        let options =
            store_embedded::Options { purpose: Purpose::ReadCopy, ..store_embedded::Options::default() };
        let store = match EmbeddedStore::open(&path, options) {
            Ok(store) => store,
            Err(error) => {
                // What is wrong with it, the next one need not have.
                self.moving.forget_copy().map_err(|error| self.of_directory(error))?;
                return Err(self.of_directory(error));
            }
        };
        let progress = self.filling.progress().map_err(|error| self.of_database(error))?;
        if progress.series == series && progress.written > end_of(&store) {
            drop(store);
            self.moving.forget_copy().map_err(|error| self.of_directory(error))?;
            return Ok(None);
        }
        Ok(Some((store, is_new)))
    }

    /// The folder of a copy, once there is one, and whether it was asked for just now.
    fn copied(&self) -> Result<(PathBuf, bool), Failure> {
        let (begun, mut is_told, mut looks) = (SystemClock.monotonic(), false, 0_u32);
        let asked = || self.moving.copy().map_err(|error| self.of_directory(error));
        if let Asked::Copy(path) = asked()? {
            return Ok((path, false));
        }
        self.moving.ask().map_err(|error| self.of_directory(error))?;
        loop {
            match asked()? {
                Asked::Copy(path) => return Ok((path, true)),
                Asked::Refused(why) => {
                    return Err(self.of_directory(format_args!("the server made no copy: {why}")));
                }
                Asked::Waiting => std::thread::park_timeout(LOOK),
            }
            looks += 1;
            if looks.is_multiple_of(ASK_AGAIN) {
                self.moving.ask_again().map_err(|error| self.of_directory(error))?;
            }
            let waited = SystemClock.monotonic().saturating_sub(begun);
            if waited < PATIENCE {
                continue;
            }
            if !store_embedded::is_in_use(&self.path).map_err(refused)? {
                let why = "the server that had it open has stopped; start it again to go on beside it, or";
                return Err(Failure::Data(format!(
                    "{}: {why} run this again to end the move",
                    self.path.display()
                )));
            }
            if waited > ANSWER_MAX {
                return Err(
                    self.of_directory("the process that has it open makes no copy of it: an older stator?")
                );
            }
            if !std::mem::replace(&mut is_told, true) {
                stderr::say("waiting for the server to make a copy");
            }
        }
    }

    /// Brings the schema to where a store is: by its log, or else as a whole. How much has changed, if by its log.
    fn bring(&self, store: &EmbeddedStore) -> Result<Option<Followed>, Failure> {
        let series = self.moving.series().map_err(|error| self.of_directory(error))?;
        let progress = self.filling.progress().map_err(|error| self.of_database(error))?;
        if progress.series == series {
            match follow(store, &self.moving.changes(), &self.filling, end_of(store)) {
                Ok(followed) => return Ok(Some(followed)),
                Err(NotFollowed::Failed(why)) => return Err(self.of_database(why)),
                Err(NotFollowed::NotWhole(why)) => {
                    stderr::say(format_args!(
                        "{why}: everything is compared, and what differs is copied again"
                    ));
                }
            }
        }
        self.filling.note(&Progress::default()).map_err(|error| self.of_database(error))?;
        let Copied { rows, records, replaced } =
            copy(store, &self.filling).map_err(|error| self.of_database(error))?;
        stderr::say(format_args!(
            "{rows} rows and {records} records of feeds are copied, read back and compared{}",
            if replaced == 0 {
                String::new()
            } else {
                format!("; {replaced} lots of them were other ones before")
            }
        ));
        let end = end_of(store);
        let progress = Progress { series, written: end, compared: end };
        self.filling.note(&progress).map_err(|error| self.of_database(error))?;
        Ok(None)
    }

    /// Moves what is left of a directory that no server has open, and ends the move.
    fn finish(self, store: EmbeddedStore) -> Result<(), Failure> {
        let (store, data) = (Arc::new(store), &self.config.data);
        // A server that is started again although the move is not ended keeps the log from here on.
        self.moving.series().map_err(|error| self.of_directory(error))?;
        let followed = self.bring(&store)?;
        if self.compare_all && followed.is_some() {
            self.filling.note(&Progress::default()).map_err(|error| self.of_database(error))?;
            self.bring(&store)?;
        }
        let rest = rest(&self.config, &store)?;
        let to = format!("{}, schema {}", self.database.shown(), self.database.schema);
        let moved = Moved { to: to.clone(), id: self.filling.id().to_owned() };
        let mark = || {
            self.moving
                .mark_moved(&moved)
                .map_err(|error| StoreError::Unavailable(format!("{}: {error}", self.path.display())))
        };
        let shown = self.database.shown();
        self.filling.end(&rest, mark).map_err(|error| failed(&shown, error))?;
        if let Some(Followed(changes)) = followed {
            stderr::say(format_args!("{changes} changes are written, read back and compared"));
        }
        stderr::say(format_args!(
            "all of {} is in {to}, with {} documents; start servers with --store. None starts on the directory any more",
            self.path.display(),
            rest.documents.len()
        ));
        if let DataConfig::Directory { path, .. } = data
            && path.join("s3").is_dir()
        {
            stderr::say(format_args!(
                "files of S3's objects stay where they are: --s3-dir {}",
                path.join("s3").display()
            ));
        }
        self.moving.end().map_err(|error| failed(self.path.display(), error))
    }
}

/// The position up to which a store has all commits: nothing is committed in one that is being moved.
fn end_of(store: &EmbeddedStore) -> u64 {
    store.durable().position.0 as u64
}

/// Reads what is small.
fn rest(config: &Config, store: &Arc<EmbeddedStore>) -> Result<Rest, Failure> {
    let root = keys::root(&config.keys)?;
    // Bytes are copied as they are, sealed or not; only what fences guard has to be understood.
    let open = keys::unsealed(Arc::clone(store) as _, root.as_ref(), &config.data, Random::from_os())?;
    let fences = wait(engine::fences(open.as_ref())).map_err(|error| unreadable(&config.data, &error))?;
    let mut documents = Vec::new();
    let visit = &mut |key: &[u8], document: &[u8]| {
        documents.push((key.to_vec(), document.to_vec()));
        store::Visit::Continue
    };
    let read = store.records(b"", visit).wait().and_then(|()| store.counters());
    let counters = read.map_err(|error| unreadable(&config.data, &error.into()))?;
    Ok(Rest { documents, counters, fences })
}
