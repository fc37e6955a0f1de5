//! The three sorted trees: rows, feed, system. Nothing outside this file and its folder sees
//! lsm-tree, whose exact version is pinned.
//!
//! First read rule: lsm-tree numbers its manifest versions from a counter and lets a read at position S pick
//! the newest version numbered below S. Each tree therefore has a counter of its own that starts at 0, while
//! our positions start at 2^32: every read sees the newest version. The second rule is in
//! [`crate::read::reader_epochs`].

mod checksum;
mod compaction_filter;
pub(crate) mod range;
mod sorted_files;

use crate::open::options::{OnTreeRead, Profile};
use crate::trees::feed_trim::TrimMarks;
use crate::trees::name::Name;
use crate::trees::tree_error::TreeError;
use compaction_filter::Reclaim;
use lsm_tree::compaction::{CompactionStrategy, Leveled};
use lsm_tree::{AbstractTree, AnyTree, Cache, Config, DescriptorTable, Memtable, SequenceNumberCounter};
use parking_lot::RwLock;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Reference-counted bytes, as the trees keep them: cloning copies nothing.
pub(crate) type Bytes = lsm_tree::Slice;

/// Sequence number of position 0. Far above lsm-tree's own version counters, which is what the first read
/// rule rests on.
const BASE: u64 = 1 << 32;
/// Manifest versions below this are dropped once no reader holds them: all but the newest.
const ALL_VERSIONS: u64 = u64::MAX >> 1;
const OPEN_FILES_MAX: usize = 900;
const L0_RUNS_TO_COMPACT: u8 = 4;
/// Runs in front of the levels that a list of sorted files can hold: lsm-tree writes their number as one byte, and a
/// list of more could not be read again.
pub(crate) const L0_RUNS_MAX: usize = u8::MAX as usize;

/// Longest key a tree takes; the empty key is not taken either.
pub(crate) const KEY_BYTES_MAX: usize = u16::MAX as usize;

type Result<T> = std::result::Result<T, TreeError>;

/// The trees.
pub(crate) struct Trees {
    trees: [AnyTree; 3],
    memtables: [RwLock<MemtableList>; 3],
    strategy: Arc<dyn CompactionStrategy + Send + Sync>,
    stopping: Arc<AtomicBool>,
    on_read: Option<OnTreeRead>,
}

/// The memtables of a tree, newest first: the active one, and those that are not in sorted files yet.
type MemtableList = Arc<[Arc<Memtable>]>;

/// A full memtable on its way into a sorted file.
#[derive(Clone)]
pub(crate) struct Sealed(Arc<Memtable>);

/// Sorted files that are written but not yet read from.
pub(crate) struct Built(Vec<lsm_tree::Table>);

impl Trees {
    pub(crate) fn open(
        dir: &Path,
        profile: &Profile,
        trims: &Arc<TrimMarks>,
        on_read: Option<OnTreeRead>,
    ) -> std::result::Result<Self, (Name, TreeError)> {
        let cache = Arc::new(Cache::with_capacity_bytes(profile.block_cache_bytes));
        let descriptors = Arc::new(DescriptorTable::new(OPEN_FILES_MAX));
        let stopping = Arc::new(AtomicBool::new(false));
        let open = |name: Name| {
            checksum::check_list(&dir.join(name.folder())).map_err(|error| (name, error))?;
            let trims = (name == Name::Feed).then(|| trims.clone());
            Config::new(
                dir.join(name.folder()),
                SequenceNumberCounter::default(),
                SequenceNumberCounter::default(),
            )
            .use_cache(cache.clone())
            .use_descriptor_table(Some(descriptors.clone()))
            .with_compaction_filter_factory(Some(Arc::new(Reclaim { trims, stopping: stopping.clone() })))
            .open()
            .map_err(|error| (name, TreeError::from(error)))
        };
        let trees = [open(Name::Rows)?, open(Name::Feed)?, open(Name::System)?];
        let active = |tree: &AnyTree| RwLock::new(Arc::from([tree.active_memtable()]));
        let memtables = [active(&trees[0]), active(&trees[1]), active(&trees[2])];
        let strategy = Leveled::default()
            .with_table_target_size(profile.table_bytes)
            .with_l0_threshold(L0_RUNS_TO_COMPACT);
        Ok(Self { trees, memtables, strategy: Arc::new(strategy), stopping, on_read })
    }

    fn tree(&self, name: Name) -> &AnyTree {
        &self.trees[name as usize]
    }

    /// Puts a row into the memtable; returns the size of the memtable.
    pub(crate) fn insert(&self, name: Name, key: Bytes, value: Bytes, position: u64) -> u64 {
        self.tree(name).insert(key, value, BASE + position).1
    }

    /// Puts a deletion into the memtable; returns the size of the memtable.
    pub(crate) fn remove(&self, name: Name, key: Bytes, position: u64) -> u64 {
        self.tree(name).remove(key, BASE + position).1
    }

    /// The row as of a position.
    pub(crate) fn get(&self, name: Name, key: &[u8], at: u64) -> Result<Option<Bytes>> {
        if key.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        self.about_to_read();
        Ok(self.tree(name).get(key, BASE + at + 1)?)
    }

    /// The row as of a position, and the position that wrote it.
    pub(crate) fn get_with_position(&self, name: Name, key: &[u8], at: u64) -> Result<Option<(u64, Bytes)>> {
        if key.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        self.about_to_read();
        let entry = self.tree(name).get_internal_entry(key, BASE + at + 1)?;
        Ok(entry.map(|entry| (entry.key.seqno - BASE, entry.value)))
    }

    fn about_to_read(&self) {
        if let Some(on_read) = &self.on_read {
            on_read();
        }
    }

    fn memtables(&self, name: Name) -> MemtableList {
        self.memtables[name as usize].read().clone()
    }

    /// Seals the memtable if there is something in it. Called by the thread that inserts, so nothing is inserted into
    /// the next one before it is known here.
    pub(crate) fn rotate(&self, name: Name) -> Option<Sealed> {
        let sealed = self.tree(name).rotate_memtable()?;
        let active = self.tree(name).active_memtable();
        let mut memtables = self.memtables[name as usize].write();
        *memtables = std::iter::once(active).chain(memtables.iter().cloned()).collect();
        Some(Sealed(sealed))
    }

    /// Writes a sealed memtable into sorted files, the newest version of each key. Refused where the list of files
    /// would not take them.
    pub(crate) fn build(&self, name: Name, sealed: &Sealed) -> Result<Built> {
        if self.l0_runs(name) >= L0_RUNS_MAX {
            return Err(TreeError::NotCompacted);
        }
        let mut previous: Option<Bytes> = None;
        let newest = sealed.0.iter().filter(|item| {
            let shadowed = previous.as_ref() == Some(&item.key.user_key);
            if !shadowed {
                previous = Some(item.key.user_key.clone());
            }
            !shadowed
        });
        let built = self.tree(name).flush_to_tables(newest.map(Ok))?;
        Ok(Built(built.map_or_else(Vec::new, |(tables, _)| tables)))
    }

    /// Reads from the sorted files instead of the memtable from now on.
    pub(crate) fn install(&self, name: Name, sealed: &Sealed, built: Built) -> Result<()> {
        self.tree(name).register_tables(&built.0, None, None, &[sealed.0.id()], ALL_VERSIONS)?;
        let mut memtables = self.memtables[name as usize].write();
        *memtables = memtables.iter().filter(|memtable| memtable.id() != sealed.0.id()).cloned().collect();
        Ok(())
    }

    /// One step of compaction; false when there was nothing to do.
    pub(crate) fn compact(&self, name: Name, published: u64) -> Result<bool> {
        let tree = self.tree(name);
        let before = tree.current_version().id();
        match tree.compact(self.strategy.clone(), BASE + published + 1) {
            Err(_) if self.is_stopping() => return Ok(false),
            result => result?,
        }
        Ok(tree.current_version().id() != before)
    }

    /// Cancels compactions under way.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

impl Sealed {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.0.size()
    }

    /// The newest position in it.
    pub(crate) fn highest(&self) -> u64 {
        self.0.get_highest_seqno().map_or(0, |s| s.saturating_sub(BASE))
    }
}
