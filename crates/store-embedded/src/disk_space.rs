//! How much room is left on the disk. Asked before sorted files are written: one that runs into a full disk
//! leaves a part behind that stays until the next open.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether `bytes` fit; true where nobody can tell.
pub(crate) fn has_room(dir: &Path, bytes: u64) -> bool {
    free_bytes(dir).is_none_or(|free| free >= bytes)
}

fn free_bytes(dir: &Path) -> Option<u64> {
    let path = CString::new(dir.as_os_str().as_bytes()).ok()?;
    let mut found = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: a string that ends in zero, and room for the answer.
    if unsafe { libc::statvfs(path.as_ptr(), found.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the call succeeded, so the answer is filled in.
    let found = unsafe { found.assume_init() };
    #[allow(clippy::unnecessary_cast, reason = "the widths differ between operating systems")]
    let (blocks, block_bytes) = (found.f_bavail as u64, found.f_frsize as u64);
    Some(blocks.saturating_mul(block_bytes))
}
