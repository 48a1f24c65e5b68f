//! Which pages nobody has touched: they read as zeroes, and looking at them would cost a page fault each.
//!
//! Reading a hole of private anonymous memory maps the shared page of zeroes, about a microsecond for every page of a
//! guest that uses little of its memory. Reading a hole of a memfd or a file allocates a page, so a sparse guest would
//! grow to its full size. The kernel tells the holes of both for much less: by its table of this process's pages, and by
//! seeking for data.

use std::fs::File;
use std::os::unix::fs::FileExt;

use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

use super::mapping::Mapping;
use super::{Memory, PAGE_BYTES, PageRun, Pages};

/// The most pages that are looked up at once.
pub(crate) const LOOK_PAGES_MAX: u64 = 4096;

/// A page has contents, in memory or on swap (or is marked for userfaultfd), when one of these bits is set.
const PRESENT_OR_SWAPPED: u8 = 0b1100_0000;

const ENTRY_BYTES: usize = 8;

/// A way to look for holes.
#[derive(Debug)]
pub(crate) struct Holes {
    pagemap: Option<File>,
    entries: Vec<u8>,
    /// One for each page that was looked at.
    found: Vec<bool>,
}

impl Holes {
    /// Looks into the kernel's table, if it can be read and its pages have the size of ours.
    pub(crate) fn new() -> Holes {
        let same_size = cfg!(target_arch = "x86_64");
        let pagemap = File::open("/proc/self/pagemap").ok().filter(|_| same_size);
        Holes { pagemap, entries: Vec::new(), found: Vec::new() }
    }

    /// Looks at pages of one region; those after the first [`LOOK_PAGES_MAX`] count as touched.
    pub(crate) fn look(&mut self, memory: &Memory, run: PageRun) {
        self.found.clear();
        let run = PageRun { pages: run.pages.min(LOOK_PAGES_MAX), ..run };
        let looked = match memory.mappings().find(run.address) {
            Some((_, Mapping::PrivateAnonymous)) => self.look_into_table(memory, run),
            Some((region, Mapping::Shared { file, offset })) => {
                self.seek_data(file, offset + (run.address - region.start), run.pages)
            }
            Some((_, Mapping::Other)) | None => None,
        };
        if looked.is_none() {
            self.found.clear();
        }
    }

    /// Whether a page of the run that was looked at is a hole, and so reads as zeroes; `index` counts from its first.
    pub(crate) fn is_hole(&self, index: u64) -> bool {
        self.found.get(index as usize).is_some_and(|found| *found)
    }

    fn look_into_table(&mut self, memory: &Memory, run: PageRun) -> Option<()> {
        let pagemap = self.pagemap.as_ref()?;
        let pages = Pages::find(memory, run)?;
        self.entries.resize(run.pages as usize * ENTRY_BYTES, 0);
        let first = pages.base() as u64 / PAGE_BYTES;
        pagemap.read_exact_at(&mut self.entries, first * ENTRY_BYTES as u64).ok()?;
        let bits = self.entries.iter().skip(ENTRY_BYTES - 1).step_by(ENTRY_BYTES);
        self.found.extend(bits.map(|bits| bits & PRESENT_OR_SWAPPED == 0));
        Some(())
    }

    /// Seeks from data to data. What lies between is a hole; a page with any data is none.
    fn seek_data(&mut self, file: &File, start: u64, pages: u64) -> Option<()> {
        self.found.resize(pages as usize, true);
        let end = start.checked_add(pages * PAGE_BYTES)?;
        let mut at = start;
        while at < end {
            let data = match seek(file, SeekFrom::Data(at)) {
                Ok(data) => data,
                // There is no data up to the end of the file.
                Err(Errno::NXIO) => break,
                Err(_) => return None,
            };
            if data >= end {
                break;
            }
            let hole = seek(file, SeekFrom::Hole(data)).ok()?.min(end);
            let touched = (data - start) / PAGE_BYTES..(hole - start).div_ceil(PAGE_BYTES);
            self.found[touched.start as usize..touched.end as usize].fill(false);
            at = hole.max(data + 1);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use vm_memory::{Bytes, FileOffset, GuestAddress, GuestMemoryMmap};

    use super::*;

    type Ram = GuestMemoryMmap<()>;

    #[test]
    fn a_page_that_was_touched_is_no_hole() {
        let ram = Arc::new(Ram::from_ranges(&[(GuestAddress(0), 8 << 12)]).unwrap());
        ram.write_obj(0_u8, GuestAddress(3 << 12)).unwrap();
        let mut holes = Holes::new();
        let run = PageRun { address: 1 << 12, pages: 7 };
        holes.look(&Memory::of(&ram), run);
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
        let ram = Arc::new(Ram::from_ranges(&[(GuestAddress(0), 8 << 12)]).unwrap());
        let memory = Memory::of(&ram);
        let mut holes = Holes { pagemap: None, ..Holes::new() };
        holes.look(&memory, PageRun { address: 0, pages: 8 });
        assert!((0..8).all(|index| !holes.is_hole(index)));
        let mut holes = Holes::new();
        holes.look(&memory, PageRun { address: 0, pages: 9 });
        assert!((0..9).all(|index| !holes.is_hole(index)));
    }

    #[test]
    fn holes_of_a_file_are_found_and_left_alone() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(40 << 12).unwrap();
        file.write_all_at(&[1], 4 << 12).unwrap();
        file.write_all_at(&[0; 2 << 12], (8 << 12) + 5).unwrap();
        let regions = [
            (GuestAddress(0), 16 << 12, Some(FileOffset::new(file.try_clone().unwrap(), 2 << 12))),
            (GuestAddress(1 << 20), 8 << 12, Some(FileOffset::new(file.try_clone().unwrap(), 20 << 12))),
        ];
        let ram = Arc::new(Ram::from_ranges_with_files(regions).unwrap());
        let memory = Memory::of(&ram);
        let mut holes = Holes::new();
        holes.look(&memory, PageRun { address: 0, pages: 16 });
        let found: Vec<u64> = (0..16).filter(|&index| !holes.is_hole(index)).collect();
        assert_eq!(found, [2, 6, 7, 8], "pages with data");
        holes.look(&memory, PageRun { address: 5 << 12, pages: 3 });
        assert_eq!([0, 1, 2, 3].map(|index| holes.is_hole(index)), [true, false, false, false]);
        holes.look(&memory, PageRun { address: 1 << 20, pages: 8 });
        assert!((0..8).all(|index| holes.is_hole(index)));
        ram.write_obj(1_u8, GuestAddress((1 << 20) + (7 << 12))).unwrap();
        holes.look(&memory, PageRun { address: 1 << 20, pages: 8 });
        assert!((0..7).all(|index| holes.is_hole(index)) && !holes.is_hole(7));
    }
}
