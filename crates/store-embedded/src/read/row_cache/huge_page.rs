//! Huge pages: random reads miss the TLB less with pages of 2 MiB than with pages of 4 KiB. Memory begins as small
//! ones, so that what is not used takes no memory; a run of them that is full becomes a huge one.

use std::ops::Range;

/// Bytes of a huge page on the processors that have the small ones of four kilobytes.
pub(super) const HUGE_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// Where the first huge page within some memory would begin.
pub(super) fn first_in(memory: &[u8]) -> usize {
    memory.as_ptr().align_offset(HUGE_PAGE_BYTES)
}

/// Whole huge pages of memory that is made of small ones yet.
pub(super) struct Pages {
    first: *const u8,
    bytes: usize,
}

impl Pages {
    pub(super) fn within(memory: &[u8], range: Range<usize>) -> Self {
        let pages = &memory[range];
        Self { first: pages.as_ptr(), bytes: pages.len() }
    }

    /// Makes huge pages of them. A system that has none to give, or gives none to this process, leaves the memory as
    /// it is, and so does this. Others may read and write the memory meanwhile: its contents stay what they are.
    ///
    /// # Safety
    /// The memory has been neither freed nor moved.
    #[cfg(target_os = "linux")]
    pub(super) unsafe fn make_huge(self) {
        /// In Linux since 6.1.
        const MADV_COLLAPSE: libc::c_int = 25;
        // SAFETY: the caller guarantees that the memory is mapped, and the system changes nothing that a program sees.
        unsafe { libc::madvise(self.first.cast_mut().cast(), self.bytes, MADV_COLLAPSE) };
    }

    /// See above; elsewhere nothing is done.
    ///
    /// # Safety
    /// None is needed.
    #[cfg(not(target_os = "linux"))]
    pub(super) unsafe fn make_huge(self) {}
}
