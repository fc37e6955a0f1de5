//! The sorted files of a tree as files: linked for a copy, dropped as a whole, looked through for damage.

use super::checksum::{self, CURRENT, TABLES};
use super::{ALL_VERSIONS, BASE, Result, Trees};
use crate::format::u64_at;
use crate::trees::name::Name;
use lsm_tree::AbstractTree;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::{fs, io};

impl Trees {
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

    /// Drops the sorted files that lie wholly between two bounds. Their space is free once no iterator reads them:
    /// lsm-tree would keep the version that lists them, and them with it, until the next flush.
    pub(crate) fn drop_files(&self, name: Name, start: &[u8], end: Bound<&[u8]>) -> Result<()> {
        let tree = self.tree(name);
        tree.drop_range::<&[u8], _>((Bound::Included(start), end))?;
        Ok(tree.get_version_history_lock().maintenance(&tree.tree_config().path, ALL_VERSIONS)?)
    }

    /// The highest position in sorted files.
    pub(crate) fn persisted(&self, name: Name) -> u64 {
        self.tree(name).get_highest_persisted_seqno().map_or(0, |s| s.saturating_sub(BASE))
    }

    /// How many entries there are, older ones of the same keys and deletions counted too.
    pub(crate) fn entries(&self, name: Name) -> u64 {
        self.tree(name).approximate_len() as u64
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

    /// Sorted runs of a tree that a read may have to look into before the levels.
    pub(crate) fn l0_runs(&self, name: Name) -> usize {
        self.tree(name).l0_run_count()
    }
}
