//! The allocator: mimalloc, with its aligned entry only where alignment is special. Its aligned entry takes a
//! longer way, and for some sizes a larger block, also for what every block satisfies anyway.

use libmimalloc_sys as mi;
use std::alloc::{GlobalAlloc, Layout};

/// mimalloc. The allocator of the system took a quarter of the CPU of a write.
pub(crate) struct Allocator;

/// What every block is aligned to that is at least as large.
const ALIGN: usize = 2 * size_of::<usize>();

/// Whether any block of `size` is aligned well enough.
fn is_usual(size: usize, align: usize) -> bool {
    align <= ALIGN && align <= size
}

// SAFETY: all memory comes from mimalloc and goes back to it. Its blocks are as large as asked for and aligned as
// those of `malloc` are; more is asked for where a layout wants more.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: a size and a power of two.
        unsafe {
            if is_usual(size, align) { mi::mi_malloc(size) } else { mi::mi_malloc_aligned(size, align) }
        }
        .cast()
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        // SAFETY: a size and a power of two.
        unsafe {
            if is_usual(size, align) { mi::mi_zalloc(size) } else { mi::mi_zalloc_aligned(size, align) }
        }
        .cast()
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the caller got the block from this allocator.
        unsafe { mi::mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let (block, align) = (block.cast(), layout.align());
        // SAFETY: the caller got the block from this allocator, for this layout.
        unsafe {
            if is_usual(size, align) {
                mi::mi_realloc(block, size)
            } else {
                mi::mi_realloc_aligned(block, size, align)
            }
        }
        .cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_and_keep_their_bytes() {
        for align in [1, 8, 16, 64, 4096] {
            for size in [1, 7, 24, 100, 5_000] {
                let layout = Layout::from_size_align(size, align).expect("a layout");
                // SAFETY: the block is used within its size and given back with its layout.
                unsafe {
                    let block = Allocator.alloc_zeroed(layout);
                    assert!((block as usize).is_multiple_of(align) && block.read() == 0);
                    block.add(size - 1).write(7);
                    let block = Allocator.realloc(block, layout, 3 * size);
                    assert!((block as usize).is_multiple_of(align));
                    assert_eq!(block.add(size - 1).read(), 7);
                    Allocator.dealloc(block, Layout::from_size_align(3 * size, align).expect("a layout"));
                }
            }
        }
    }
}
