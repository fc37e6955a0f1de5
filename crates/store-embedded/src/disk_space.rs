//! How much room is left on the disk. Checked before sorted files are written: one that runs into a full disk
//! leaves a part behind that stays until the next open. It is checked before rows are taken: what frees space, which is
//! deleting, flushing and compacting, needs some first, so the last of it is kept for that.

use crate::open::options::Profile;
use crate::trees::Name;
use std::path::Path;

/// Sorted files that a step of compaction writes before it can remove what it read.
const TABLES_IN_A_STEP: u64 = 4;

/// Whether `bytes` fit; true where the free space is not known.
pub(crate) fn has_room(dir: &Path, bytes: u64) -> bool {
    space(dir).is_none_or(|space| space.free >= bytes)
}

/// Whether rows may be written, or the rest is for what frees space.
pub(crate) fn has_room_for_rows(dir: &Path, profile: &Profile) -> bool {
    space(dir).is_none_or(|space| space.free >= reserve(space.total, profile))
}

/// Whether there is room for a step of compaction.
pub(crate) fn has_room_for_compaction(dir: &Path, profile: &Profile) -> bool {
    space(dir).is_none_or(|space| space.free >= compaction_room(space.total, profile))
}

/// Room for a step of compaction, a memtable that fills and one that is flushed, and the log beside them; of a
/// small disk an eighth.
fn reserve(total: u64, profile: &Profile) -> u64 {
    let memtable = profile.memtable_bytes[Name::Rows as usize];
    (TABLES_IN_A_STEP * profile.table_bytes + 2 * memtable + 2 * profile.log_file_bytes).min(total / 8)
}

fn compaction_room(total: u64, profile: &Profile) -> u64 {
    (TABLES_IN_A_STEP * profile.table_bytes).min(total / 32)
}

struct Space {
    total: u64,
    free: u64,
}

fn space(dir: &Path) -> Option<Space> {
    let found = rustix::fs::statvfs(dir).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Space { free: bytes(found.f_bavail), total: bytes(found.f_blocks) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_disks_keep_less_in_reserve() {
        let profile = Profile::local();
        for total in [64 << 20, 1 << 30, 1 << 40] {
            let (rows, compaction) = (reserve(total, &profile), compaction_room(total, &profile));
            assert!(compaction <= rows && rows <= total / 8, "{total}");
        }
        assert_eq!(reserve(1 << 40, &profile), (64 + 32 + 16) << 20);
    }
}
