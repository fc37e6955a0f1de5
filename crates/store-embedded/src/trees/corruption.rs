//! Damage to sorted files. What is not damaged goes on being read and written; the damaged tree is no longer
//! compacted, which could only spread the damage; and whoever opened the store is told, once, which files are not
//! what was written. Looking for them reads all of a tree, so a compaction thread does it.

use crate::core::Core;
use crate::trees::{Name, TreeError};
use std::sync::atomic::{AtomicU8, Ordering};

const SOUND: u8 = 0;
const NOTED: u8 = 1;
const REPORTED: u8 = 2;

/// What is known about each tree.
#[derive(Default)]
pub(crate) struct Corruption([AtomicU8; 3]);

impl Corruption {
    /// Somebody has met damage.
    pub(crate) fn note(&self, name: Name) {
        let _ = self.0[name as usize].compare_exchange(SOUND, NOTED, Ordering::SeqCst, Ordering::SeqCst);
    }

    pub(crate) fn is_sound(&self, name: Name) -> bool {
        self.0[name as usize].load(Ordering::SeqCst) == SOUND
    }

    /// Whether the caller is to look for the files.
    fn claim_report(&self, name: Name) -> bool {
        self.0[name as usize].compare_exchange(NOTED, REPORTED, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

/// Corruption was noted: somebody will look for it.
pub(crate) fn note(core: &Core, name: Name) {
    core.corruption.note(name);
    core.compaction.announce();
}

/// Looks for damage that was met in a tree, and tells of it.
pub(crate) fn report(core: &Core, name: Name) {
    if !core.corruption.claim_report(name) {
        return;
    }
    let folder = core.dir.join(name.folder());
    let files = core.trees.damaged_files(name, &folder);
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    let what = if files.is_empty() { folder.display().to_string() } else { files.join(", ") };
    (core.on_warning)(&format!(
        "{what} is damaged; what it holds cannot be read, and the files beside it are no longer compacted: restore a \
         backup"
    ));
}

/// Whether an error means that bytes are not what was written, or are gone.
pub(crate) fn is_corruption(error: &TreeError) -> bool {
    match error {
        TreeError::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::UnexpectedEof)
        }
        TreeError::Newer(_) | TreeError::Damaged(_) => true,
    }
}
