//! The three sorted trees: rows, feed, system. The only file that sees lsm-tree, whose exact version is
//! pinned.
//!
//! First read rule: lsm-tree numbers its manifest versions from a counter and lets a read at position S pick
//! the newest version numbered below S. Each tree therefore has a counter of its own that starts at 0, while
//! our positions start at 2^32: every read sees the newest version. The second rule is in [`crate::read::reader_epochs`].

use crate::format::u64_at;
use crate::open::options::Profile;
use crate::trees::feed_trim::TrimMarks;
use lsm_tree::compaction::filter::Context;
use lsm_tree::compaction::{CompactionFilter, CompactionStrategy, Factory, ItemAccessor, Leveled, Verdict};
use lsm_tree::{
    AbstractTree, AnyTree, Cache, Config, DescriptorTable, Guard, Memtable, SequenceNumberCounter,
};
use std::ops::Bound;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

/// Reference-counted bytes, as the trees keep them: cloning copies nothing.
pub(crate) type Bytes = lsm_tree::Slice;

/// Sequence number of position 0. Far above lsm-tree's own version counters, which is what the first read
/// rule rests on.
const BASE: u64 = 1 << 32;
/// Manifest versions below this are dropped as soon as nobody holds them: all but the newest.
const ALL_VERSIONS: u64 = u64::MAX >> 1;
/// Names that lsm-tree gives: the folder of sorted files, and the file that names the manifest.
const TABLES: &str = "tables";
/// See [`TABLES`].
const CURRENT: &str = "current";
const OPEN_FILES_MAX: usize = 900;
const L0_RUNS_TO_COMPACT: u8 = 4;

/// Longest key a tree takes; the empty key is not taken either.
pub(crate) const KEY_BYTES_MAX: usize = u16::MAX as usize;

/// Which tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Rows = 0,
    Feed = 1,
    System = 2,
}

impl Name {
    pub(crate) const ALL: [Name; 3] = [Name::Rows, Name::Feed, Name::System];

    pub(crate) fn folder(self) -> &'static str {
        ["rows", "feed", "system"][self as usize]
    }
}

/// What lsm-tree failed with.
#[derive(Debug)]
pub(crate) enum TreeError {
    Io(std::io::Error),
    Newer(u8),
    Damaged(String),
}

impl TreeError {
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, TreeError::Io(e) if e.kind() == std::io::ErrorKind::StorageFull)
    }

    /// The process, or the system, has as many files open as it may.
    pub(crate) fn is_out_of_files(&self) -> bool {
        matches!(self, TreeError::Io(e) if matches!(e.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)))
    }
}

impl std::fmt::Display for TreeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TreeError::Io(error) => write!(f, "sorted files: {error}"),
            TreeError::Newer(version) => write!(f, "sorted files of format {version}, which is not known"),
            TreeError::Damaged(what) => write!(f, "sorted files: {what}"),
        }
    }
}

impl From<lsm_tree::Error> for TreeError {
    fn from(error: lsm_tree::Error) -> Self {
        match error {
            lsm_tree::Error::Io(error) => TreeError::Io(error),
            lsm_tree::Error::InvalidVersion(version) => TreeError::Newer(version),
            lsm_tree::Error::Unrecoverable => {
                TreeError::Damaged("a file is missing or unreadable".to_owned())
            }
            lsm_tree::Error::ChecksumMismatch { .. } => {
                TreeError::Damaged("a block is not what was written".to_owned())
            }
            other => TreeError::Damaged(format!("{other:?}")),
        }
    }
}

mod checksum;

type Result<T> = std::result::Result<T, TreeError>;

/// The trees.
pub(crate) struct Trees {
    trees: [AnyTree; 3],
    strategy: Arc<dyn CompactionStrategy + Send + Sync>,
    stopping: Arc<AtomicBool>,
}

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
        let strategy = Leveled::default()
            .with_table_target_size(profile.table_bytes)
            .with_l0_threshold(L0_RUNS_TO_COMPACT);
        Ok(Self { trees, strategy: Arc::new(strategy), stopping })
    }

    fn tree(&self, name: Name) -> &AnyTree {
        &self.trees[name as usize]
    }

    /// Puts a row into the memtable; says how large the memtable is now.
    pub(crate) fn insert(&self, name: Name, key: Bytes, value: Bytes, position: u64) -> u64 {
        self.tree(name).insert(key, value, BASE + position).1
    }

    /// Puts a deletion into the memtable; says how large the memtable is now.
    pub(crate) fn remove(&self, name: Name, key: Bytes, position: u64) -> u64 {
        self.tree(name).remove(key, BASE + position).1
    }

    /// The row as of a position.
    pub(crate) fn get(&self, name: Name, key: &[u8], at: u64) -> Result<Option<Bytes>> {
        if key.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        Ok(self.tree(name).get(key, BASE + at + 1)?)
    }

    /// The row as of a position, and the position that wrote it.
    pub(crate) fn get_with_position(&self, name: Name, key: &[u8], at: u64) -> Result<Option<(u64, Bytes)>> {
        if key.len() > KEY_BYTES_MAX {
            return Ok(None);
        }
        let entry = self.tree(name).get_internal_entry(key, BASE + at + 1)?;
        Ok(entry.map(|entry| (entry.key.seqno - BASE, entry.value)))
    }

    /// The rows between two bounds as of a position. Holds what it reads from; blocks nobody.
    pub(crate) fn range(&self, name: Name, start: Bound<&[u8]>, end: Bound<&[u8]>, at: u64) -> Range {
        if is_empty(start, end) {
            return self.nothing();
        }
        Range(self.tree(name).range::<&[u8], _>((start, end), BASE + at + 1, None))
    }

    /// A range without rows.
    pub(crate) fn nothing(&self) -> Range {
        Range(Box::new(std::iter::empty()))
    }

    /// Seals the memtable if there is something in it.
    pub(crate) fn rotate(&self, name: Name) -> Option<Sealed> {
        self.tree(name).rotate_memtable().map(Sealed)
    }

    /// Writes a sealed memtable into sorted files, the newest version of each key.
    pub(crate) fn build(&self, name: Name, sealed: &Sealed) -> Result<Built> {
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
        Ok(self.tree(name).register_tables(&built.0, None, None, &[sealed.0.id()], ALL_VERSIONS)?)
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

    /// Links a tree's files into another folder, with a copy of its manifest. False if the manifest changed
    /// meanwhile; what is in the folder is worthless then.
    pub(crate) fn link_files(&self, name: Name, from: &Path, to: &Path) -> io::Result<bool> {
        fs::create_dir_all(to.join(TABLES))?;
        // Held while files are linked: a version keeps its files.
        let version = self.tree(name).current_version();
        let current = fs::read(from.join(CURRENT))?;
        if u64_at(&current, 0) != version.id() {
            return Ok(false);
        }
        let manifest = format!("v{}", version.id());
        match fs::copy(from.join(&manifest), to.join(&manifest)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            copied => copied?,
        };
        for table in version.iter_tables() {
            let file = Path::new(TABLES).join(table.id().to_string());
            fs::hard_link(from.join(&file), to.join(&file))?;
        }
        fs::write(to.join(CURRENT), current)?;
        for path in [to.join(manifest), to.join(CURRENT), to.join(TABLES), to.to_owned()] {
            fs::File::open(path)?.sync_all()?;
        }
        Ok(true)
    }

    /// Whether there are sorted files wholly between two bounds.
    pub(crate) fn has_files_within(&self, name: Name, start: &[u8], end: Bound<&[u8]>) -> bool {
        let below_end = |key: &[u8]| match end {
            Bound::Included(end) => key <= end,
            Bound::Excluded(end) => key < end,
            Bound::Unbounded => true,
        };
        self.tree(name).current_version().iter_tables().any(|table| {
            let keys = &table.metadata.key_range;
            &keys.min()[..] >= start && below_end(keys.max())
        })
    }

    /// Drops the sorted files that lie wholly between two bounds. Their space is free once nobody reads them:
    /// lsm-tree would keep the list they stood in, and them with it, until the next flush.
    pub(crate) fn drop_files(&self, name: Name, start: &[u8], end: Bound<&[u8]>) -> Result<()> {
        let tree = self.tree(name);
        tree.drop_range::<&[u8], _>((Bound::Included(start), end))?;
        Ok(tree.get_version_history_lock().maintenance(&tree.tree_config().path, ALL_VERSIONS)?)
    }

    /// The highest position in sorted files.
    pub(crate) fn persisted(&self, name: Name) -> u64 {
        self.tree(name).get_highest_persisted_seqno().map_or(0, |s| s.saturating_sub(BASE))
    }

    /// The number of the list of sorted files, which only grows and is on the disk.
    pub(crate) fn list(&self, name: Name) -> u64 {
        self.tree(name).current_version().id()
    }

    /// The sorted files that are not what was written. Reads them all.
    pub(crate) fn damaged_files(&self, name: Name, folder: &Path) -> Vec<PathBuf> {
        let version = self.tree(name).current_version();
        version.iter_tables().filter_map(|table| checksum::damaged_file(folder, table)).collect()
    }

    /// Sorted runs that a read may have to look into before the levels.
    pub(crate) fn l0_runs(&self) -> usize {
        self.trees.iter().map(|tree| tree.l0_run_count()).max().unwrap_or(0)
    }

    /// Compactions under way give up.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

fn is_empty(start: Bound<&[u8]>, end: Bound<&[u8]>) -> bool {
    match (start, end) {
        (Bound::Included(a), Bound::Included(b)) => a > b,
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
        _ => false,
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

/// Rows in order, from both ends.
pub(crate) struct Range(Box<dyn DoubleEndedIterator<Item = lsm_tree::IterGuardImpl> + Send>);

impl Iterator for Range {
    type Item = Result<(Bytes, Bytes)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|guard| Ok(guard.into_inner()?))
    }
}

impl DoubleEndedIterator for Range {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|guard| Ok(guard.into_inner()?))
    }
}

/// Leaves trimmed feed records out of compacted files (a feed record is written once, so nothing older can
/// come back), and ends a compaction when the store closes.
struct Reclaim {
    trims: Option<Arc<TrimMarks>>,
    stopping: Arc<AtomicBool>,
}

impl UnwindSafe for Reclaim {}
impl RefUnwindSafe for Reclaim {}

impl Factory for Reclaim {
    fn name(&self) -> &str {
        "reclaim"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Reclaim { trims: self.trims.clone(), stopping: self.stopping.clone() })
    }
}

impl CompactionFilter for Reclaim {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> lsm_tree::Result<Verdict> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(lsm_tree::Error::Io(std::io::ErrorKind::Interrupted.into()));
        }
        let trimmed = self.trims.as_ref().is_some_and(|trims| trims.covers_key(item.key()));
        Ok(if trimmed { Verdict::Destroy } else { Verdict::Keep })
    }
}
