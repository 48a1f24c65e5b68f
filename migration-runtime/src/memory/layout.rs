//! The shape of guest memory: which pages there are, in which order, and where they are in this process.
//!
//! Both sides walk pages in the same order, so a layout is all that they have to agree on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The size of a page, in bytes: the unit of dirty tracking and of the wire.
pub const PAGE_BYTES: u64 = 4096;

/// A layout may have at most this many regions; more is refused when it comes from a peer.
pub const REGIONS_MAX: usize = 256;

/// The regions of a guest's memory, in order of their addresses.
// Invariant: regions are sorted, not empty, page aligned, do not overlap, and do not wrap around.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Region>", into = "Vec<Region>")]
pub struct Layout {
    regions: Vec<Region>,
}

/// One contiguous part of a guest's physical address space.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// The guest physical address of the first byte.
    pub start: u64,
    /// The length in bytes.
    pub bytes: u64,
}

/// Contiguous pages of guest memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PageRun {
    /// The guest physical address of the first page.
    pub address: u64,
    /// The number of pages.
    pub pages: u64,
}

/// Why some regions are not a memory layout.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// No region, or more than [`REGIONS_MAX`].
    #[error("guest memory has {0} regions, expected 1 to {REGIONS_MAX}")]
    RegionCount(usize),
    /// A region that is empty, not of whole pages or beyond the end of the address space.
    #[error("the region of {:#x} bytes at {:#x} is not made of whole pages of {PAGE_BYTES} bytes", .0.bytes, .0.start)]
    Unaligned(Region),
    /// Regions out of order or on top of each other.
    #[error("the region at {:#x} begins before the one in front of it ends", .0.start)]
    Overlap(Region),
}

impl Layout {
    /// The regions, in order of their addresses.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// All bytes of all regions.
    pub fn bytes(&self) -> u64 {
        self.regions.iter().map(|region| region.bytes).fold(0, u64::saturating_add)
    }

    /// All pages of all regions.
    pub fn pages(&self) -> u64 {
        self.bytes() / PAGE_BYTES
    }

    /// Finds the region that holds all of `run`, as its index; nothing if the run is empty, not page aligned or not
    /// within one region.
    pub fn find(&self, run: PageRun) -> Option<usize> {
        let bytes = run.pages.checked_mul(PAGE_BYTES)?;
        if bytes == 0 || !run.address.is_multiple_of(PAGE_BYTES) {
            return None;
        }
        let after = self.regions.partition_point(|region| region.start <= run.address);
        let index = after.checked_sub(1)?;
        let region = self.regions[index];
        let offset = run.address - region.start;
        (offset < region.bytes && bytes <= region.bytes - offset).then_some(index)
    }
}

impl TryFrom<Vec<Region>> for Layout {
    type Error = LayoutError;

    fn try_from(regions: Vec<Region>) -> Result<Layout, LayoutError> {
        if regions.is_empty() || regions.len() > REGIONS_MAX {
            return Err(LayoutError::RegionCount(regions.len()));
        }
        let mut end_before = 0;
        for region in &regions {
            let aligned = region.start.is_multiple_of(PAGE_BYTES) && region.bytes.is_multiple_of(PAGE_BYTES);
            let Some(end) = region.start.checked_add(region.bytes) else {
                return Err(LayoutError::Unaligned(*region));
            };
            if !aligned || region.bytes == 0 {
                return Err(LayoutError::Unaligned(*region));
            }
            if region.start < end_before {
                return Err(LayoutError::Overlap(*region));
            }
            end_before = end;
        }
        Ok(Layout { regions })
    }
}

impl From<Layout> for Vec<Region> {
    fn from(layout: Layout) -> Vec<Region> {
        layout.regions
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.regions.len();
        let noun = if count == 1 { "region" } else { "regions" };
        write!(out, "{} in {count} {noun}", Bytes(self.bytes()))
    }
}

impl PageRun {
    /// The length in bytes.
    pub fn bytes(&self) -> u64 {
        self.pages.saturating_mul(PAGE_BYTES)
    }
}

impl fmt::Display for PageRun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pages {
            1 => write!(out, "the page at {:#x}", self.address),
            pages => write!(out, "{pages} pages at {:#x}", self.address),
        }
    }
}

/// A number of bytes, displayed in the largest unit that divides it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bytes(
    /// The number.
    pub u64,
);

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")] {
            if self.0 != 0 && self.0.is_multiple_of(1 << shift) {
                return write!(out, "{} {unit}", self.0 >> shift);
            }
        }
        write!(out, "{} bytes", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(regions: &[(u64, u64)]) -> Result<Layout, LayoutError> {
        regions.iter().map(|&(start, bytes)| Region { start, bytes }).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn describes_itself() {
        assert_eq!(layout(&[(0, 64 << 20)]).unwrap().to_string(), "64 MiB in 1 region");
        assert_eq!(layout(&[(0, 4096), (8192, 8192)]).unwrap().to_string(), "12 KiB in 2 regions");
        assert_eq!(layout(&[(0, 3 << 30), (4 << 30, 1 << 30)]).unwrap().to_string(), "4 GiB in 2 regions");
        assert_eq!(Bytes(0).to_string(), "0 bytes");
    }

    #[test]
    fn refuses_what_is_not_a_layout() {
        assert_eq!(layout(&[]), Err(LayoutError::RegionCount(0)));
        assert!(matches!(layout(&[(0, 0)]), Err(LayoutError::Unaligned(_))));
        assert!(matches!(layout(&[(1, 4096)]), Err(LayoutError::Unaligned(_))));
        assert!(matches!(layout(&[(0, 4097)]), Err(LayoutError::Unaligned(_))));
        assert!(matches!(layout(&[(u64::MAX - 4095, 8192)]), Err(LayoutError::Unaligned(_))));
        assert!(matches!(layout(&[(4096, 8192), (8192, 4096)]), Err(LayoutError::Overlap(_))));
        assert!(matches!(layout(&[(8192, 4096), (0, 4096)]), Err(LayoutError::Overlap(_))));
    }

    #[test]
    fn finds_only_whole_pages_within_one_region() {
        let layout = layout(&[(0, 8192), (8192, 4096), (1 << 20, 8192)]).unwrap();
        let find = |address, pages| layout.find(PageRun { address, pages });
        assert_eq!(find(0, 2), Some(0));
        assert_eq!(find(4096, 1), Some(0));
        assert_eq!(find(8192, 1), Some(1));
        assert_eq!(find((1 << 20) + 4096, 1), Some(2));
        for (address, pages) in
            [(0, 3), (4096, 2), (1, 1), (12288, 1), (1 << 20, 3), (0, 0), (0, u64::MAX), (u64::MAX - 4095, 1)]
        {
            assert_eq!(find(address, pages), None, "{pages} pages at {address:#x}");
        }
    }
}
