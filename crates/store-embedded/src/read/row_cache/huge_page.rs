//! Huge pages: memory that is read all over is found faster where one page is two megabytes and not four thousand
//! bytes. Small ones come first, so that what is not used takes no memory; a run of them that is full becomes one.

use std::ops::Range;

/// Bytes of a huge page on the processors that have the small ones of four kilobytes.
pub(super) const HUGE_PAGE_BYTES: usize = 2 * 1024 * 1024;

/// Where the first huge page within some memory would begin.
pub(super) fn first_in(memory: &[u8]) -> usize {
    memory.as_ptr().align_offset(HUGE_PAGE_BYTES)
}

/// Makes huge pages of a range of whole ones. A system that has none to give, or gives none to this process,
/// leaves the memory as it is, and so does this.
#[cfg(target_os = "linux")]
pub(super) fn make(memory: &mut [u8], range: Range<usize>) {
    /// In Linux since 6.1.
    const MADV_COLLAPSE: libc::c_int = 25;
    let pages = &mut memory[range];
    // SAFETY: the range is exclusively borrowed, and its contents stay what they are.
    unsafe { libc::madvise(pages.as_mut_ptr().cast(), pages.len(), MADV_COLLAPSE) };
}

#[cfg(not(target_os = "linux"))]
pub(super) fn make(_: &mut [u8], _: Range<usize>) {}
