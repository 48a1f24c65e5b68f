//! Where guest memory is in this process, and how its old pages are dropped.
#![expect(unsafe_code, reason = "the kernel takes its advice by address")]

use std::ffi::c_void;

use rustix::fs::fstatfs;
use rustix::mm::{Advice, madvise};

use super::PostcopyError;
use crate::memory::{Layout, Memory, PAGE_BYTES, PageRun, Pages};

/// `HUGETLBFS_MAGIC`.
const HUGE_FILES: u64 = 0x9584_58f6;

/// Guest memory with its addresses in this process, mapped for as long as this lives.
#[derive(Debug)]
pub(super) struct HostMemory {
    memory: Memory,
    regions: Vec<HostRegion>,
}

/// A region of guest memory in this process.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostRegion {
    /// The guest physical address.
    pub(super) guest: u64,
    /// The address in this process.
    pub(super) host: u64,
    /// The length in bytes.
    pub(super) bytes: u64,
    /// Other mappings have the same pages.
    shared: bool,
}

impl HostMemory {
    /// Looks up where the memory is, and whether its pages can be filled one by one.
    pub(super) fn of(memory: &Memory) -> Result<HostMemory, PostcopyError> {
        let layout = Layout::of(memory)?;
        let regions = layout.regions().iter().map(|region| {
            let run = PageRun { address: region.start, pages: region.bytes / PAGE_BYTES };
            let file = memory.shared_file_at(region.start);
            if !memory.is_private_at(region.start) && file.is_none() {
                return Err(PostcopyError::Mapping(region.start));
            }
            if file.and_then(|file| fstatfs(file).ok()).is_some_and(|files| files.f_type as u64 == HUGE_FILES) {
                return Err(PostcopyError::HugePages(region.start));
            }
            let host = Pages::find(memory, run).ok_or(PostcopyError::Mapping(region.start))?.base() as u64;
            Ok(HostRegion { guest: region.start, host, bytes: region.bytes, shared: file.is_some() })
        });
        Ok(HostMemory { regions: regions.collect::<Result<_, _>>()?, memory: memory.clone() })
    }

    /// The regions, in order of their guest physical addresses.
    pub(super) fn regions(&self) -> &[HostRegion] {
        &self.regions
    }

    /// The address in this process of pages that the layout of this memory has.
    ///
    /// # Panics
    /// When it does not have them.
    pub(super) fn host(&self, run: PageRun) -> u64 {
        let region = self.region_of(run);
        region.host + (run.address - region.guest)
    }

    /// The guest physical address of the page that holds an address of this process.
    pub(super) fn guest_page(&self, address: u64) -> Option<u64> {
        let region = self.regions.iter().find(|region| (region.host..region.host + region.bytes).contains(&address))?;
        Some(region.guest + (address - region.host) / PAGE_BYTES * PAGE_BYTES)
    }

    /// Drops what pages hold, so that they are missing.
    pub(super) fn discard(&self, run: PageRun) -> Result<(), PostcopyError> {
        // Without the file, a page of a shared mapping would only be dropped from this mapping.
        let advice = if self.region_of(run).shared { Advice::LinuxRemove } else { Advice::LinuxDontNeed };
        let pages = Pages::find(&self.memory, run).expect("pages of the memory");
        // SAFETY: guest memory is only read through volatile accesses, and the guest that owns it is stopped.
        unsafe { madvise(pages.base().cast::<c_void>(), pages.bytes(), advice) }
            .map_err(|errno| PostcopyError::Discard { address: run.address, source: errno.into() })
    }

    fn region_of(&self, run: PageRun) -> HostRegion {
        let at = self.regions.partition_point(|region| region.guest <= run.address);
        let region = self.regions[at.checked_sub(1).expect("pages of the memory")];
        assert!(run.address - region.guest + run.bytes() <= region.bytes, "pages of the memory");
        region
    }
}
