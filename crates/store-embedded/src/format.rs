//! What the bytes on disk are called and which versions of them this build reads. A change of any persisted
//! form raises [`VERSION`] and adds a fixture; data of a newer version is refused.

/// The folder of the log files.
pub(crate) const LOG_FOLDER: &str = "log";
/// The file of the two HEAD slots.
pub(crate) const HEAD_FILE: &str = "HEAD";
/// The folder of a move that is under way.
pub(crate) const MOVING_FOLDER: &str = "moving";
/// In it, the log files that are kept for it.
pub(crate) const KEPT_FOLDER: &str = "log";
/// Says that the store is elsewhere, and where.
pub(crate) const MOVED_FILE: &str = "MOVED";
/// Version of the store's own files (log, HEAD). The sorted files carry lsm-tree's own version.
///
/// 2: a feed may be trimmed inside a commit. Everything of version 1 is read as it was written.
pub(crate) const VERSION: u32 = 2;
/// Unit of every write to the log and to HEAD.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Begins every log file.
pub(crate) const LOG_MAGIC: u64 = u64::from_le_bytes(*b"STATORLG");
/// Begins every slot of HEAD.
pub(crate) const HEAD_MAGIC: u64 = u64::from_le_bytes(*b"STATORHD");
/// Begins every record.
pub(crate) const RECORD_MAGIC: u32 = 0x5ca1_ab1e;

/// The little-endian `u32` at `at`; zero behind the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes(b.try_into().expect("four bytes")))
}

/// The little-endian `u64` at `at`; zero behind the end.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).map_or(0, |b| u64::from_le_bytes(b.try_into().expect("eight bytes")))
}
