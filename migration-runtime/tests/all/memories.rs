//! Memory of every type that a VMM may have: with any bitmap, behind a `GuestMemoryAtomic`, in a memfd, with region types
//! of its own. It moves, and what is sparse stays sparse.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use migration_runtime::memory::{Layout, Memory};
use migration_runtime::transfer::{Received, Receiver};
use rustix::fs::{MemfdFlags, memfd_create};
use vm_memory::bitmap::{AtomicBitmap, BS, Bitmap};
use vm_memory::guest_memory::Result as MemoryResult;
use vm_memory::{
    Bytes, FileOffset, GuestAddress, GuestMemoryAtomic, GuestMemoryBackend, GuestMemoryMmap, GuestMemoryRegion,
    GuestMemoryRegionBytes, GuestRegionCollection, GuestRegionMmap, GuestUsize, MemoryRegionAddress, VolatileSlice,
};

use super::peers::{PAGE, beside, patiently, tcp_pair};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::transfer::{Pace, Sender, Sent};

/// 64 MiB in two regions with a hole between them.
const REGIONS: [(u64, u64); 2] = [(0, 48 << 20), (1 << 30, 16 << 20)];

fn with_bitmap() -> Arc<GuestMemoryMmap<AtomicBitmap>> {
    let regions = REGIONS.map(|(start, bytes)| (GuestAddress(start), bytes as usize));
    Arc::new(GuestMemoryMmap::from_ranges(&regions).unwrap())
}

/// Memory in a memfd, which is as sparse as it was made.
fn in_memfd() -> (Arc<GuestMemoryMmap<AtomicBitmap>>, File) {
    let file = File::from(memfd_create("ram", MemfdFlags::CLOEXEC).unwrap());
    file.set_len(REGIONS.iter().map(|(_, bytes)| bytes).sum()).unwrap();
    let mut offset = 0;
    let regions = REGIONS.map(|(start, bytes)| {
        let backing = FileOffset::new(file.try_clone().unwrap(), offset);
        offset += bytes;
        (GuestAddress(start), bytes as usize, Some(backing))
    });
    (Arc::new(GuestMemoryMmap::from_ranges_with_files(regions).unwrap()), file)
}

/// The pages of the test's data: single ones, and a run.
fn data() -> impl Iterator<Item = u64> {
    let run = 300..700;
    let single = (0..16).map(|index| 1000 + index * 513);
    run.chain(single).chain((0..8).map(|index| ((1 << 30) / PAGE) + index * 17))
}

fn fill(memory: &impl Bytes<GuestAddress>) {
    for page in data() {
        assert!(memory.write_obj(page + 1, GuestAddress(page * PAGE + 16)).is_ok());
    }
}

fn has_arrived(memory: &impl Bytes<GuestAddress>) -> bool {
    data().all(|page| memory.read_obj::<u64>(GuestAddress(page * PAGE + 16)).is_ok_and(|value| value == page + 1))
}

/// Sends all of one memory into another.
fn send(from: &Memory, to: &Memory) {
    let (mut here, mut there) = tcp_pair();
    let layout = Layout::of(from).unwrap();
    assert_eq!(Layout::of(to).unwrap(), layout);
    beside(
        || {
            let wait = patiently();
            let parameters = Parameters::default();
            parameters.set_max_bandwidth(0);
            let mut sender = Sender::new(Arc::new(parameters), Arc::new(Progress::new()));
            let mut dirty = DirtyBitmap::new(&layout);
            dirty.set_all();
            let sent = sender.send_round(&mut here, from, &mut dirty, Pace::Bounded, &wait);
            assert_eq!(sent.unwrap(), Sent::All);
        },
        || {
            let wait = patiently();
            let mut receiver = Receiver::new(to, &layout, Arc::new(Progress::new()));
            assert!(matches!(receiver.next(&mut there, &wait).unwrap(), Received::RoundEnd { round: 1 }));
        },
    );
}

fn allocated(file: &File) -> u64 {
    file.metadata().unwrap().blocks() * 512
}

#[test]
fn a_sparse_memfd_stays_sparse_on_both_sides() {
    let ((here, source), (there, destination)) = (in_memfd(), in_memfd());
    fill(&*here);
    let before = allocated(&source);
    send(&Memory::of(&here), &Memory::of(&there));
    assert_eq!(allocated(&source), before, "reading holes filled them");
    assert!(allocated(&destination) <= before, "{} bytes became {}", before, allocated(&destination));
    assert!(has_arrived(&*there));
}

#[test]
fn zeroes_wipe_a_memfd_that_has_data() {
    let ((here, _), (there, _)) = (in_memfd(), in_memfd());
    fill(&*here);
    for page in 0..2000 {
        there.write_obj(u64::MAX, GuestAddress(page * PAGE)).unwrap();
    }
    send(&Memory::of(&here), &Memory::of(&there));
    assert!(has_arrived(&*there));
    let stale = (0..2000).filter(|page| there.read_obj::<u64>(GuestAddress(page * PAGE)).unwrap() != 0);
    assert_eq!(stale.count(), 0);
}

#[test]
fn a_bitmap_of_the_vmm_and_an_atomic_memory_are_taken() {
    let (here, there) = (with_bitmap(), with_bitmap());
    fill(&*here);
    let atomic = GuestMemoryAtomic::new((*there).clone());
    send(&Memory::of(&here), &Memory::of(&atomic));
    assert!(has_arrived(&*there));
    let dirty = data().filter(|page| {
        let (region, offset) = here.to_region_addr(GuestAddress(page * PAGE)).unwrap();
        region.bitmap().dirty_at(offset.0 as usize)
    });
    assert_eq!(dirty.count(), data().count(), "the source's bitmap is left alone");
}

/// A region type of a VMM's own, around one of vm-memory's.
struct OwnRegion(GuestRegionMmap<()>);

impl GuestMemoryRegionBytes for OwnRegion {}

impl GuestMemoryRegion for OwnRegion {
    type B = ();

    fn len(&self) -> GuestUsize {
        self.0.len()
    }

    fn start_addr(&self) -> GuestAddress {
        self.0.start_addr()
    }

    fn bitmap(&self) -> BS<'_, ()> {}

    fn get_slice(&self, offset: MemoryRegionAddress, count: usize) -> MemoryResult<VolatileSlice<'_, BS<'_, ()>>> {
        self.0.get_slice(offset, count)
    }
}

#[test]
fn a_region_type_of_the_vmm_is_taken() {
    let regions = || {
        let regions = REGIONS.map(|(start, bytes)| {
            Arc::new(OwnRegion(GuestRegionMmap::from_range(GuestAddress(start), bytes as usize, None).unwrap()))
        });
        Arc::new(GuestRegionCollection::from_arc_regions(regions.to_vec()).unwrap())
    };
    let (here, there) = (regions(), regions());
    fill(&*here);
    send(&Memory::of(&here), &Memory::of(&there));
    assert!(has_arrived(&*there));
}
