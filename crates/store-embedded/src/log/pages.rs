//! A growing buffer that is aligned to pages and written as whole pages, as O_DIRECT requires.

use crate::format::PAGE_BYTES;

#[repr(C, align(4096))]
#[derive(Clone, Copy)]
struct Page([u8; PAGE_BYTES]);

/// Pages kept for the next group; a larger group's memory is given back.
const KEPT_PAGES: usize = 320;

/// Bytes in pages. What lies behind `len` in the last page is zero when it is written.
#[derive(Default)]
pub(crate) struct PageBuffer {
    pages: Vec<Page>,
    len: usize,
}

impl PageBuffer {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: `pages` is one allocation of `pages.len() * PAGE_BYTES` initialized bytes without padding.
        unsafe { std::slice::from_raw_parts(self.pages.as_ptr().cast(), self.pages.len() * PAGE_BYTES) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; the borrow of `self` is exclusive.
        unsafe {
            std::slice::from_raw_parts_mut(self.pages.as_mut_ptr().cast(), self.pages.len() * PAGE_BYTES)
        }
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let (start, end) = (self.len, self.len + bytes.len());
        let pages = end.div_ceil(PAGE_BYTES);
        if self.pages.len() < pages {
            self.pages.resize(pages, Page([0; PAGE_BYTES]));
        }
        self.bytes_mut()[start..end].copy_from_slice(bytes);
        self.len = end;
    }

    /// Overwrites bytes that were added before.
    pub(crate) fn patch(&mut self, at: usize, bytes: &[u8]) {
        self.bytes_mut()[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn align(&mut self, to: usize) {
        const ZEROS: [u8; 8] = [0; 8];
        self.extend(&ZEROS[..self.len.next_multiple_of(to) - self.len]);
    }

    /// The whole pages to write.
    pub(crate) fn padded(&mut self) -> &[u8] {
        let (len, end) = (self.len, self.len.next_multiple_of(PAGE_BYTES));
        self.bytes_mut()[len..end].fill(0);
        &self.bytes()[..end]
    }

    /// Drops the full pages and keeps the last, partial one; returns how many bytes were dropped.
    pub(crate) fn keep_tail(&mut self) -> usize {
        let full = self.len / PAGE_BYTES;
        if full > 0 && full < self.pages.len() {
            self.pages[0] = self.pages[full];
        }
        self.len -= full * PAGE_BYTES;
        if self.pages.len() > KEPT_PAGES {
            self.pages.truncate(KEPT_PAGES);
            self.pages.shrink_to_fit();
        }
        full * PAGE_BYTES
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_page_is_kept_and_written_again() {
        let mut buffer = PageBuffer::default();
        buffer.extend(&[1; 5000]);
        assert_eq!(buffer.padded().len(), 8192);
        assert_eq!(buffer.keep_tail(), 4096);
        assert_eq!(buffer.len(), 904);
        buffer.extend(&[2; 8]);
        let page = buffer.padded();
        assert_eq!(page.len(), 4096);
        assert!(page[..904].iter().all(|b| *b == 1) && page[904..912] == [2; 8] && page[912] == 0);
        assert_eq!(page.as_ptr() as usize % PAGE_BYTES, 0);
    }

    #[test]
    fn a_full_page_leaves_no_tail() {
        let mut buffer = PageBuffer::default();
        buffer.extend(&[1; 4096]);
        assert_eq!(buffer.keep_tail(), 4096);
        assert_eq!(buffer.padded().len(), 0);
    }
}
