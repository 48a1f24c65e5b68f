//! Which pages nobody has touched: they read as zeroes, and looking at them would cost a page fault each.
//!
//! Reading a hole of private anonymous memory maps the shared page of zeroes, about a microsecond for every page of a
//! guest that uses little of its memory. The kernel's table of this process's pages tells the holes for much less.

use std::fs::File;
use std::os::unix::fs::FileExt;

use vm_memory::{GuestAddress, GuestMemoryBackend};

use super::{Memory, PAGE_BYTES, PageRun, Pages};

/// The most pages that are looked up at once.
pub(crate) const LOOK_PAGES_MAX: u64 = 4096;

/// `MAP_PRIVATE | MAP_ANONYMOUS`: other mappings may have contents elsewhere.
const PRIVATE_ANONYMOUS: i32 = 0x22;

/// A page has contents, in memory or on swap (or is marked for userfaultfd), when one of these bits is set.
const PRESENT_OR_SWAPPED: u8 = 0b1100_0000;

const ENTRY_BYTES: usize = 8;

/// A way to look for holes.
#[derive(Debug)]
pub(crate) struct Holes {
    pagemap: Option<File>,
    entries: Vec<u8>,
}

impl Holes {
    /// Looks into the kernel's table, if it can be read and its pages have the size of ours.
    pub(crate) fn new() -> Holes {
        let same_size = cfg!(target_arch = "x86_64");
        Holes { pagemap: File::open("/proc/self/pagemap").ok().filter(|_| same_size), entries: Vec::new() }
    }

    /// Looks at pages of one region; those after the first [`LOOK_PAGES_MAX`] count as touched.
    pub(crate) fn look(&mut self, memory: &Memory, run: PageRun) {
        self.entries.clear();
        if self.try_look(memory, run).is_none() {
            self.entries.clear();
        }
    }

    /// Whether a page of the run that was looked at is a hole, and so reads as zeroes; `index` counts from its first.
    pub(crate) fn is_hole(&self, index: u64) -> bool {
        let last = (index as usize + 1) * ENTRY_BYTES - 1;
        self.entries.get(last).is_some_and(|bits| bits & PRESENT_OR_SWAPPED == 0)
    }

    fn try_look(&mut self, memory: &Memory, run: PageRun) -> Option<()> {
        let pagemap = self.pagemap.as_ref()?;
        let region = memory.find_region(GuestAddress(run.address))?;
        if region.flags() & PRIVATE_ANONYMOUS != PRIVATE_ANONYMOUS || region.file_offset().is_some() {
            return None;
        }
        let pages = Pages::find(memory, run)?;
        let count = run.pages.min(LOOK_PAGES_MAX) as usize;
        self.entries.resize(count * ENTRY_BYTES, 0);
        let first = pages.base() as u64 / PAGE_BYTES;
        pagemap.read_exact_at(&mut self.entries, first * ENTRY_BYTES as u64).ok()
    }
}

#[cfg(test)]
mod tests {
    use vm_memory::Bytes;

    use super::*;

    #[test]
    fn a_page_that_was_touched_is_no_hole() {
        let memory = Memory::from_ranges(&[(GuestAddress(0), 8 << 12)]).unwrap();
        memory.write_obj(0_u8, GuestAddress(3 << 12)).unwrap();
        let mut holes = Holes::new();
        let run = PageRun { address: 1 << 12, pages: 7 };
        holes.look(&memory, run);
        assert!(!holes.is_hole(2));
        assert!(!holes.is_hole(7));
        if holes.pagemap.is_none() {
            eprintln!("skipped: /proc/self/pagemap cannot be read");
            return;
        }
        // A huge page may have come with the one that was written, never the other way round.
        let found = (0..7).filter(|&index| holes.is_hole(index)).count();
        assert!(found == 6 || found == 0, "{found} holes");
    }

    #[test]
    fn what_cannot_be_told_is_no_hole() {
        let memory = Memory::from_ranges(&[(GuestAddress(0), 8 << 12)]).unwrap();
        let mut holes = Holes { pagemap: None, ..Holes::new() };
        holes.look(&memory, PageRun { address: 0, pages: 8 });
        assert!((0..8).all(|index| !holes.is_hole(index)));
        let mut holes = Holes::new();
        holes.look(&memory, PageRun { address: 0, pages: 9 });
        assert!((0..9).all(|index| !holes.is_hole(index)));
    }

    #[test]
    fn shared_memory_has_no_holes() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(8 << 12).unwrap();
        let backing = vm_memory::FileOffset::new(file, 0);
        let memory = Memory::from_ranges_with_files([(GuestAddress(0), 8 << 12, Some(backing))]).unwrap();
        let mut holes = Holes::new();
        holes.look(&memory, PageRun { address: 0, pages: 8 });
        assert!((0..8).all(|index| !holes.is_hole(index)));
    }
}
