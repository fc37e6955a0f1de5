//! Damage to sorted files. What is not damaged stays readable and writable; the damaged tree is no longer
//! compacted, which could only spread the damage; and the warning callback gets, once, the names of the files that
//! are not what was written. Finding them reads a whole tree, so a compaction thread does it.

use crate::environment::Environment;
use crate::trees::compaction_schedule::CompactionSchedule;
use crate::trees::{Name, TreeError, Trees};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const SOUND: u8 = 0;
const NOTED: u8 = 1;
const REPORTED: u8 = 2;

/// What is known about each tree.
pub(crate) struct Corruption {
    states: [AtomicU8; 3],
    compaction: Arc<CompactionSchedule>,
}

impl Corruption {
    pub(crate) fn new(compaction: Arc<CompactionSchedule>) -> Self {
        Self { states: Default::default(), compaction }
    }

    /// Damage was met: a compaction thread will look for it.
    pub(crate) fn note(&self, name: Name) {
        self.advance(name, SOUND, NOTED);
        self.compaction.announce();
    }

    pub(crate) fn is_sound(&self, name: Name) -> bool {
        self.states[name as usize].load(Ordering::SeqCst) == SOUND
    }

    /// Looks for damage that was noted in a tree, and warns of it.
    pub(crate) fn report(&self, name: Name, trees: &Trees, env: &Environment) {
        if !self.advance(name, NOTED, REPORTED) {
            return;
        }
        let folder = env.dir.join(name.folder());
        let files = trees.damaged_files(name, &folder);
        let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
        let what = if files.is_empty() { folder.display().to_string() } else { files.join(", ") };
        (env.on_warning)(&format!(
            "{what} is damaged; what it holds cannot be read, and the files beside it are no longer compacted: restore a \
             backup"
        ));
    }

    fn advance(&self, name: Name, from: u8, to: u8) -> bool {
        self.states[name as usize].compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }
}

/// Whether an error means that bytes are not what was written, or are gone.
pub(crate) fn is_corruption(error: &TreeError) -> bool {
    match error {
        TreeError::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::UnexpectedEof)
        }
        TreeError::Newer(_) | TreeError::Damaged(_) => true,
        TreeError::NotCompacted => false,
    }
}
