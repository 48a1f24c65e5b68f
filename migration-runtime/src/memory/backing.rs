//! The memory of a guest, whatever type the VMM has for it.
#![expect(unsafe_code, reason = "a slice of guest memory is handed on without the bitmap of its region")]

use std::fmt;
use std::fs::File;
use std::sync::{Arc, OnceLock};

use vm_memory::{
    Address, FileOffset, GuestAddress, GuestAddressSpace, GuestMemoryBackend, GuestMemoryRegion, VolatileSlice,
};

use super::layout::{Layout, LayoutError, Region};
use super::mapping::{Mapping, Mappings};

/// All RAM of a guest, as the VMM has it mapped. Clones share it.
///
/// It is made from whatever the VMM uses: regions of any type, with any dirty bitmap, behind an `Arc` or a
/// `GuestMemoryAtomic`. The regions must not change while a migration goes on; a `GuestMemoryAtomic` that is replaced
/// meanwhile has no effect on it.
///
/// The runtime reads and writes the memory itself, so writes on a destination do not appear in the bitmap of a region.
#[derive(Clone)]
pub struct Memory {
    backing: Arc<dyn Backing>,
    mappings: Arc<OnceLock<Mappings>>,
}

/// What the runtime needs of a memory. It hides the types of the VMM.
trait Backing: Send + Sync {
    fn regions(&self) -> Vec<Region>;

    /// Finds bytes within one region.
    fn slice(&self, address: u64, bytes: usize) -> Option<VolatileSlice<'_>>;

    /// Returns the file that a region is a mapping of.
    fn file(&self, index: usize) -> Option<FileOffset>;
}

/// A consistent view of an address space.
struct View<T>(T);

impl Memory {
    /// Takes a view of the memory of a guest, such as an `Arc<GuestMemoryMmap<AtomicBitmap>>` or a
    /// `GuestMemoryAtomic`. A memory that is not shared yet goes into an `Arc`; its clones share the regions.
    pub fn of<A>(space: &A) -> Memory
    where
        A: GuestAddressSpace,
        A::M: GuestMemoryBackend,
        A::T: Send + Sync + 'static,
    {
        Memory { backing: Arc::new(View(space.memory())), mappings: Arc::default() }
    }

    /// Returns whether memory at an address belongs to this process alone and can be allocated ahead of its use. Memory
    /// of a file stays as sparse as it is.
    pub(crate) fn is_private_at(&self, address: u64) -> bool {
        self.mappings().find(address).is_some_and(|(_, mapping)| matches!(mapping, Mapping::PrivateAnonymous))
    }

    /// Returns the file of the shared mapping at an address, if there is one.
    pub(crate) fn shared_file_at(&self, address: u64) -> Option<&File> {
        match self.mappings().find(address)? {
            (_, Mapping::Shared { file, .. }) => Some(file),
            (_, Mapping::PrivateAnonymous | Mapping::Other) => None,
        }
    }

    pub(super) fn regions(&self) -> Vec<Region> {
        self.backing.regions()
    }

    pub(super) fn slice(&self, address: u64, bytes: usize) -> Option<VolatileSlice<'_>> {
        self.backing.slice(address, bytes)
    }

    /// Returns how the kernel keeps each region. It is looked up once.
    pub(super) fn mappings(&self) -> &Mappings {
        self.mappings.get_or_init(|| {
            let regions = self.regions();
            Mappings::look_up(regions.iter().enumerate().map(|(index, region)| {
                let bytes = usize::try_from(region.bytes).unwrap_or(0);
                let slice = self.slice(region.start, bytes);
                let start = slice.map_or(0, |slice| slice.ptr_guard().as_ptr().addr() as u64);
                (*region, start, self.backing.file(index))
            }))
        })
    }
}

impl Layout {
    /// Describes a memory.
    ///
    /// # Errors
    /// When the memory is not made of whole pages, or of too many regions.
    pub fn of(memory: &Memory) -> Result<Layout, LayoutError> {
        memory.regions().try_into()
    }
}

impl<T> Backing for View<T>
where
    T: std::ops::Deref + Send + Sync,
    T::Target: GuestMemoryBackend,
{
    fn regions(&self) -> Vec<Region> {
        self.0.iter().map(|region| Region { start: region.start_addr().raw_value(), bytes: region.len() }).collect()
    }

    fn slice(&self, address: u64, bytes: usize) -> Option<VolatileSlice<'_>> {
        let slice = self.0.get_slice(GuestAddress(address), bytes).ok()?;
        // SAFETY: the same bytes for as long as `slice` may be used, which borrows the region from `self`.
        Some(unsafe { VolatileSlice::new(slice.ptr_guard_mut().as_ptr(), slice.len()) })
    }

    fn file(&self, index: usize) -> Option<FileOffset> {
        self.0.iter().nth(index).and_then(|region| region.file_offset().cloned())
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Memory").field(&self.regions()).finish()
    }
}
