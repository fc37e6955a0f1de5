//! The current minute, in parts: threads are assigned to a few shards, so that none waits for another's.

use crate::history::History;
use crate::minute::{Minute, Subject, Subjects};
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

const SHARDS: usize = 16;

/// Minutes by which requests may be behind others. A clock that goes back farther was set.
pub const LATE_MINUTES_MAX: u64 = 15;

/// Subjects of one minute in one shard; what others do is counted as the server's.
const SUBJECTS_MAX: usize = 5_000;

/// All shards.
#[derive(Debug, Default)]
pub(crate) struct Shards([Aligned; SHARDS]);

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Aligned(Mutex<Shard>);

/// A part of one minute.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    minute: u64,
    subjects: Subjects,
    /// Tables whose names the history has since this minute, with the version they were given in.
    named: BTreeMap<u32, u64>,
}

impl Shards {
    /// The shard of this thread.
    pub(crate) fn mine() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static MINE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
        MINE.with(|mine| *mine)
    }

    /// A shard in this minute, or a later one that others have begun. A clock that was set back is followed.
    pub(crate) fn at(&self, shard: usize, minute: u64, history: &Mutex<History>) -> MutexGuard<'_, Shard> {
        let mut shard = self.0[shard].0.lock();
        if shard.minute < minute || shard.minute > minute + LATE_MINUTES_MAX {
            shard.enter(minute, history);
        }
        shard
    }

    /// All shards, held: a shard is taken before the history, so no minute moves from one into the other meanwhile.
    pub(crate) fn hold(&self) -> Vec<MutexGuard<'_, Shard>> {
        self.0.iter().map(|shard| shard.0.lock()).collect()
    }
}

impl Shard {
    #[cold]
    fn enter(&mut self, minute: u64, history: &Mutex<History>) {
        let last = std::mem::take(self);
        self.minute = minute;
        match minute < last.minute {
            true => history.lock().set_back(minute, &last.subjects),
            false => history.lock().add(last.minute, last.subjects),
        }
    }

    /// The minute it is in.
    pub(crate) fn minute(&self) -> u64 {
        self.minute
    }

    /// What it has seen of this minute.
    pub(crate) fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Whether the names of a table must be given: they are not known in this version.
    pub(crate) fn lacks_names(&mut self, table: u32, version: u64) -> bool {
        if let Some(known) = self.named.get_mut(&table) {
            return std::mem::replace(known, version.max(*known)) < version;
        }
        let has_room = self.named.len() < SUBJECTS_MAX;
        if has_room {
            self.named.insert(table, version);
        }
        has_room
    }

    /// The figures of a subject. Those of one too many are the server's.
    pub(crate) fn subject(&mut self, subject: Subject) -> &mut Minute {
        let is_full = self.subjects.len() >= SUBJECTS_MAX;
        let subject =
            if is_full && !self.subjects.contains_key(&subject) { Subject::Server } else { subject };
        self.subjects.entry(subject).or_default()
    }
}
