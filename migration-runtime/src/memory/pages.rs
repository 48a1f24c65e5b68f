//! Pages of guest memory as they are in this process: the one place that turns guest addresses into pointers.
//!
//! The guest may write its memory at any time, so no reference to it is ever made: it is read and written through
//! volatile accesses and by the kernel. A page that changes while it is read is read again, because the dirty log says so.
#![expect(unsafe_code, reason = "guest memory is shared with vCPUs and can only be reached through pointers")]

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

use rustix::mm::{Advice, madvise};
use vm_memory::{Address, GuestAddress, GuestMemoryBackend, GuestMemoryRegion};

use super::{Memory, PAGE_BYTES, PageRun};

const PAGE: usize = PAGE_BYTES as usize;
const WORD: usize = size_of::<u64>();

/// Contiguous bytes of guest memory, mapped for as long as the memory is borrowed.
// Invariant: `base` is valid for reads and writes of `bytes` bytes during 'm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages<'m> {
    base: *mut u8,
    bytes: usize,
    memory: PhantomData<&'m Memory>,
}

impl<'m> Pages<'m> {
    /// Finds pages; nothing if they are not whole pages within one region.
    pub(crate) fn find(memory: &'m Memory, run: PageRun) -> Option<Pages<'m>> {
        let bytes = run.pages.checked_mul(PAGE_BYTES)?;
        if bytes == 0 || !run.address.is_multiple_of(PAGE_BYTES) {
            return None;
        }
        let address = GuestAddress(run.address);
        let region = memory.find_region(address)?;
        let within = region.to_region_addr(address)?;
        if bytes > region.len() - within.raw_value() {
            return None;
        }
        Some(Pages { base: region.get_host_address(within).ok()?, bytes: bytes as usize, memory: PhantomData })
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes after the first `bytes`.
    ///
    /// # Panics
    /// When there are fewer.
    pub(crate) fn after(&self, bytes: usize) -> Pages<'m> {
        assert!(bytes <= self.bytes, "a part of the pages");
        // SAFETY: the sum is at most the end of the mapping that `base` points into, by the invariant.
        let base = unsafe { self.base.add(bytes) };
        Pages { base, bytes: self.bytes - bytes, memory: PhantomData }
    }

    /// Whether a page holds only zeroes; `index` counts from the first page.
    ///
    /// # Panics
    /// When there is no such page.
    pub(crate) fn is_zero(&self, index: usize) -> bool {
        assert!((index + 1) * PAGE <= self.bytes, "a page of these");
        // SAFETY: the page is within the mapping, which is page aligned, by the invariant.
        let words: *const u64 = unsafe { self.base.add(index * PAGE) }.cast();
        // Eight words at a time: a page of data is told after one step, and one of zeroes at the speed of the memory.
        (0..PAGE / WORD).step_by(8).all(|at| {
            let mut any = 0;
            for offset in 0..8 {
                // SAFETY: `at + offset` is below the number of words in the page.
                any |= unsafe { words.add(at + offset).read_volatile() };
            }
            any == 0
        })
    }

    /// Fills a page with zeroes unless it has only zeroes, so that a page nobody ever touched stays unallocated.
    pub(crate) fn clear(&self, index: usize) {
        if self.is_zero(index) {
            return;
        }
        // SAFETY: `is_zero` has checked the index. The guest of a destination is stopped, nobody else writes here.
        unsafe { ptr::write_bytes(self.base.add(index * PAGE), 0, PAGE) };
    }

    /// Copies as many bytes as fit to the beginning, and says how many.
    pub(crate) fn copy_from(&self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.bytes);
        // SAFETY: both are valid for `count` bytes; a borrowed slice cannot be guest memory, to which nobody has
        // references.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.base, count) };
        count
    }

    /// Lets the kernel allocate all of the pages, as if each were written, without changing them.
    pub(crate) fn populate(&self) -> rustix::io::Result<()> {
        // SAFETY: populating keeps contents and mapping as they are.
        unsafe { madvise(self.base.cast::<c_void>(), self.bytes, Advice::LinuxPopulateWrite) }
    }
}

#[cfg(test)]
mod tests {
    use vm_memory::Bytes;

    use super::*;

    #[test]
    fn finds_reads_and_clears_pages() {
        let memory = Memory::from_ranges(&[(GuestAddress(0), 2 * PAGE), (GuestAddress(0x4000), PAGE)]).unwrap();
        let find = |address, pages| Pages::find(&memory, PageRun { address, pages });
        for (address, pages) in [(0, 3), (0x2000, 1), (0x4000, 2), (7, 1), (0, 0), (0, 1 << 60)] {
            assert!(find(address, pages).is_none(), "{pages} pages at {address:#x}");
        }
        let pages = find(0, 2).unwrap();
        for offset in [0, 1, 4095] {
            assert!(pages.is_zero(1));
            memory.write_obj(1_u8, GuestAddress(0x1000 + offset)).unwrap();
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
