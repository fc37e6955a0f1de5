//! The durable store: our own commit log over the `lsm-tree` crate.
//!
//! # Layout
//! A write: [`write`], from [`write::mutate`] (keys → old rows → decide) over [`write::queue`] (fences, position,
//! overlay) to [`write::committer`] (log, sync, memtables, publish, replies). A read: [`read`], which announces a
//! position ([`read::reader_epochs`]) and looks into the row cache and the [`trees`]. A flush: [`trees`], from
//! memtables to sorted files, compaction, and the space of what was dropped or trimmed. [`log`]: the commit log
//! and HEAD. [`open`]: checks, replay, threads.
//!
//! # On disk
//! ```text
//! LOCK          held while a process has the directory open
//! HEAD          two slots: what was durable a moment ago, which log files are needed, what is flushed
//! log/N.log     commit log: header page, records; filled with zeros once, recycled
//! rows/ feed/ system/   sorted files (lsm-tree)
//! moving/ MOVED         while the store is moved away, and since
//! ```
//! # Guarantees
//! Acknowledged is on disk. A torn tail of the log is cut; damage below an acknowledged position, and a log
//! that is gone, refuse to open and say where. A failed write or sync ends the store; a full disk refuses
//! writes and leaves it readable. Damage to sorted files is reported with the file's name; other files stay readable
//! and writable. Bytes and order are all it interprets.

mod contents;
mod embedded_store;
mod store_impl;

mod write;

mod read;

mod trees;

mod log;

mod open;

mod checkpoint;
mod moving;

mod core;
mod disk_space;
mod environment;
mod failure;
#[doc(hidden)]
pub mod files;
mod format;

pub use embedded_store::EmbeddedStore;
pub use log::changes::{Change, Changes, ChangesError};
pub use moving::{Asked, Moved, Moving, is_in_use, moved};
pub use open::error::OpenError;
pub use open::options::{Durability, OnFatal, OnWarning, Options, Profile, Purpose};
pub use read::cold_reads::COLD_READ_THREAD;
