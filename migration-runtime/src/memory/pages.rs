//! Pages of guest memory as they are in this process: the one place that turns guest addresses into pointers.
//!
//! The guest may write its memory at any time, so no reference to it is ever made: it is read and written through
//! volatile accesses and by the kernel. A page that changes while it is read is read again, because the dirty log says so.
#![expect(unsafe_code, reason = "zero pages are found word by word, and the kernel takes its advice by address")]

use std::ffi::c_void;

use rustix::mm::{Advice, madvise};
use vm_memory::VolatileSlice;

use super::{Memory, PAGE_BYTES, PageRun};

const PAGE: usize = PAGE_BYTES as usize;
const WORD: usize = size_of::<u64>();

/// Contiguous pages of guest memory, or the end of such, mapped for as long as the memory is borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages<'m>(VolatileSlice<'m>);

impl<'m> Pages<'m> {
    /// Finds pages, or returns `None` if they are not whole pages within one region.
    pub(crate) fn find(memory: &'m Memory, run: PageRun) -> Option<Pages<'m>> {
        let bytes = run.pages.checked_mul(PAGE_BYTES)?;
        if bytes == 0 || !run.address.is_multiple_of(PAGE_BYTES) {
            return None;
        }
        memory.slice(run.address, usize::try_from(bytes).ok()?).map(Pages)
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.0.ptr_guard_mut().as_ptr()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Returns the bytes after the first `bytes`.
    ///
    /// # Panics
    /// When there are fewer.
    pub(crate) fn after(&self, bytes: usize) -> Pages<'m> {
        Pages(self.0.offset(bytes).expect("a part of the pages"))
    }

    /// Returns whether a page holds only zeroes; `index` counts from the first page.
    ///
    /// Every page of a guest goes through here in the first round. `VolatileArrayRef::load`, which checks each index, is
    /// about half as fast on pages of zeroes, and copying a page out first is slower still; so this reads by itself.
    ///
    /// # Panics
    /// When there is no such page.
    pub(crate) fn is_zero(&self, index: usize) -> bool {
        assert!((index + 1) * PAGE <= self.0.len(), "a page of these");
        let guard = self.0.ptr_guard();
        // SAFETY: the page is within the slice, which `find` and `after` keep within one mapping.
        let page = unsafe { guard.as_ptr().add(index * PAGE) };
        let words: *const u64 = page.cast();
        assert!(words.is_aligned(), "pages are looked at from their beginning");
        // Eight words at a time: a page of data is told after one step, and one of zeroes at the speed of the memory.
        (0..PAGE / WORD).step_by(8).all(|at| {
            let mut any = 0;
            for offset in 0..8 {
                // SAFETY: `at + offset` is below the number of words in the page, which is aligned.
                any |= unsafe { words.add(at + offset).read_volatile() };
            }
            any == 0
        })
    }

    /// Fills a page with zeroes unless it has only zeroes, so that a page nobody ever touched stays unallocated.
    pub(crate) fn clear(&self, index: usize) {
        if !self.is_zero(index) {
            self.after(index * PAGE).copy_from(&[0; PAGE]);
        }
    }

    /// Copies as many bytes as fit to the beginning, and returns how many.
    pub(crate) fn copy_from(&self, bytes: &[u8]) -> usize {
        self.0.copy_from(bytes);
        bytes.len().min(self.0.len())
    }

    /// Lets the kernel allocate all of the pages, as if each were written, without changing them.
    pub(crate) fn populate(&self) -> rustix::io::Result<()> {
        // SAFETY: populating keeps contents and mapping as they are.
        unsafe { madvise(self.base().cast::<c_void>(), self.0.len(), Advice::LinuxPopulateWrite) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vm_memory::{Bytes, GuestAddress, GuestMemoryMmap};

    use super::*;

    #[test]
    fn finds_reads_and_clears_pages() {
        let ram = GuestMemoryMmap::<()>::from_ranges(&[(GuestAddress(0), 2 * PAGE), (GuestAddress(0x4000), PAGE)]);
        let ram = Arc::new(ram.unwrap());
        let memory = Memory::of(&ram);
        let find = |address, pages| Pages::find(&memory, PageRun { address, pages });
        for (address, pages) in [(0, 3), (0x2000, 1), (0x4000, 2), (7, 1), (0, 0), (0, 1 << 60)] {
            assert!(find(address, pages).is_none(), "{pages} pages at {address:#x}");
        }
        let pages = find(0, 2).unwrap();
        for offset in [0, 1, 4095] {
            assert!(pages.is_zero(1));
            ram.write_obj(1_u8, GuestAddress(0x1000 + offset)).unwrap();
            assert!(!pages.is_zero(1));
            pages.clear(1);
        }
        pages.populate().unwrap();
        assert!(pages.is_zero(0));
        assert_eq!(pages.after(PAGE).copy_from(&[7; 2 * PAGE]), PAGE);
        assert!(pages.is_zero(0) && !pages.is_zero(1));
        assert_eq!(pages.after(2 * PAGE).bytes(), 0);
    }
}
