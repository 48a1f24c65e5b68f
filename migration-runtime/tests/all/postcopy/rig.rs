//! A guest of which a part is missing on the destination, and the connections between its two sides.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use migration_runtime::channel::{Channel, ChannelError, Wait};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::{Layout, Memory, PageRun};
use migration_runtime::postcopy::{Fetch, Supply, receive_missing, send_missing};
use migration_runtime::transfer::Sent;
use migration_runtime::wire::{Frame, HEADER_BYTES};
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};
use vm_memory::{Bytes, FileOffset, GuestAddress, GuestMemoryBackend, GuestMemoryRegion};

pub(super) use super::super::backing::{Kind, userfaultfd};
use super::super::peers::{PAGE, REGIONS, Ram, beside, contents, filled_memory, memory, patiently, tcp_pair};

/// How many threads run as vCPUs. Each owns the pages whose number leaves its own when divided by this.
pub(super) const VCPUS: u64 = 4;

/// What the two sides talk over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stream {
    Tcp,
    Pair,
}

pub(super) struct Rig {
    pub(super) source: Arc<Ram>,
    pub(super) destination: Arc<Ram>,
    pub(super) supply: Supply,
    pub(super) fetch: Fetch,
    pub(super) missing: u64,
}

/// The main connection, as each side has it.
pub(super) struct Connections {
    pub(super) source: Channel,
    pub(super) destination: Channel,
}

impl Rig {
    /// A destination that has old contents of the missing pages, and all others.
    pub(super) fn new(kind: Kind) -> Rig {
        let source = filled_memory();
        let destination = match kind {
            Kind::Anonymous => memory(),
            Kind::Memfd => memfd_memory(),
        };
        let missing = some_pages(&source);
        for (region, (start, pages)) in source.iter().zip(REGIONS) {
            for page in (start..start + pages).map(|page| page * PAGE) {
                assert!(region.len() > 0);
                match missing.contains(run(page, 1)) {
                    true => destination.write_slice(&[0xee; PAGE as usize], GuestAddress(page)).unwrap(),
                    // Zeroes were never stored.
                    false if page_of(&source, page).iter().all(|&byte| byte == 0) => {}
                    false => destination.write_slice(&page_of(&source, page), GuestAddress(page)).unwrap(),
                }
            }
        }
        let supply = Supply::new(&Memory::of(&source), missing.clone()).unwrap();
        let count = missing.count();
        let fetch = Fetch::begin(&Memory::of(&destination), missing).unwrap();
        Rig { source, destination, supply, fetch, missing: count }
    }

    /// What a vCPU does: it looks at each of its pages, in an order of its own, and leaves a mark there.
    pub(super) fn run_vcpu(&self, vcpu: u64) {
        let mut pages: Vec<u64> = REGIONS
            .iter()
            .flat_map(|&(start, pages)| start..start + pages)
            .filter(|page| page % VCPUS == vcpu)
            .collect();
        fastrand::Rng::with_seed(vcpu).shuffle(&mut pages);
        for page in pages.into_iter().map(|page| page * PAGE) {
            assert!(page_of(&self.destination, page) == page_of(&self.source, page), "the page at {page:#x}");
            self.destination.write_obj(mark(vcpu), GuestAddress(page + 8)).unwrap();
        }
    }

    /// The whole memory after every vCPU has run to its end.
    pub(super) fn expected_after_vcpus(&self) -> Vec<u8> {
        let mut all = contents(&self.source);
        let pages = REGIONS.iter().flat_map(|&(start, pages)| start..start + pages);
        for (index, page) in pages.enumerate() {
            let at = index * PAGE as usize + 8;
            all[at..at + 8].copy_from_slice(&mark(page % VCPUS).to_ne_bytes());
        }
        all
    }

    /// Connects the two sides.
    pub(super) fn connect(&self, stream: Stream) -> Connections {
        let (source, destination) = stream.connect();
        let (answers, asks) = stream.connect();
        self.supply.connect(answers, &source).unwrap();
        self.fetch.connect(asks, &destination).unwrap();
        Connections { source, destination }
    }

    /// Connects the two sides, pushes and receives.
    pub(super) fn move_on(&self, stream: Stream) -> (Result<Sent, ChannelError>, Result<(), ChannelError>) {
        self.exchange(self.connect(stream))
    }

    /// Pushes and receives on connections that are there.
    pub(super) fn exchange(&self, connections: Connections) -> (Result<Sent, ChannelError>, Result<(), ChannelError>) {
        let Connections { mut source, mut destination } = connections;
        // Each side hangs up once it is done or has failed.
        beside(
            || {
                let pushed = self.supply.push(&mut source, &patiently());
                if !matches!(pushed, Ok(Sent::All)) {
                    self.supply.disconnect();
                    drop(source);
                }
                pushed
            },
            || {
                let received = self.fetch.receive(&mut destination, &patiently());
                self.fetch.disconnect();
                drop(destination);
                received
            },
        )
    }

    /// Does a recovery and goes on.
    pub(super) fn recover(&self, stream: Stream) -> (Result<Sent, ChannelError>, Result<(), ChannelError>) {
        let (source, destination) = stream.connect();
        let mut connections = Connections { source, destination };
        self.recount(&mut connections).unwrap();
        let (answers, asks) = stream.connect();
        self.supply.connect(answers, &connections.source).unwrap();
        self.fetch.connect(asks, &connections.destination).unwrap();
        self.exchange(connections)
    }

    /// Tells the source what is missing.
    pub(super) fn recount(&self, connections: &mut Connections) -> Result<(), ChannelError> {
        let layout = layout_of(&self.source);
        let missing = self.fetch.recount();
        let Connections { source, destination } = connections;
        let (sent, received) = beside(
            || send_missing(destination, &missing, &patiently()),
            || receive_missing(source, &layout, &patiently()),
        );
        let received = received?;
        sent?;
        assert_eq!(received.words(), missing.words());
        self.supply.replace(received);
        Ok(())
    }
}

impl Stream {
    /// A connection: the end of the source, and that of the destination.
    pub(super) fn connect(self) -> (Channel, Channel) {
        match self {
            Stream::Tcp => tcp_pair(),
            Stream::Pair => Channel::pair().unwrap(),
        }
    }
}

/// More than half of all pages, single ones and long runs.
pub(super) fn some_pages(memory: &Arc<Ram>) -> DirtyBitmap {
    let mut some = DirtyBitmap::new(&layout_of(memory));
    for page in REGIONS.iter().flat_map(|&(start, pages)| start..start + pages) {
        if page % 3 == 1 || (50..120).contains(&page) || page > 4500 {
            some.set(page * PAGE);
        }
    }
    some
}

pub(super) fn layout_of(memory: &Arc<Ram>) -> Layout {
    Layout::of(&Memory::of(memory)).unwrap()
}

pub(super) fn run(address: u64, pages: u64) -> PageRun {
    PageRun { address, pages }
}

pub(super) fn page_of(memory: &Arc<Ram>, page: u64) -> Vec<u8> {
    let mut bytes = vec![0; PAGE as usize];
    memory.read_slice(&mut bytes, GuestAddress(page)).unwrap();
    bytes
}

/// Sends a frame without what follows it.
pub(super) fn send(channel: &mut Channel, frame: Frame, wait: &Wait<'_>) {
    channel.write_all(&frame.encode(), wait).unwrap();
}

pub(super) fn read_header(channel: &mut Channel, wait: &Wait<'_>) -> Frame {
    let mut header = [0; HEADER_BYTES];
    channel.read_exact(&mut header, wait).unwrap();
    Frame::decode(&header).unwrap()
}

/// The pages that a frame is about.
pub(super) fn run_of(frame: &Frame) -> PageRun {
    let (Frame::Pages(run) | Frame::Zeroes(run) | Frame::Request(run)) = frame else {
        panic!("{frame:?} is not about pages");
    };
    *run
}

fn mark(vcpu: u64) -> u64 {
    0xabcd_0000 + vcpu
}

fn memfd_memory() -> Arc<Ram> {
    let regions = REGIONS.map(|(page, pages)| {
        let file: OwnedFd = memfd_create("guest", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&file, pages * PAGE).unwrap();
        (GuestAddress(page * PAGE), (pages * PAGE) as usize, Some(FileOffset::new(file.into(), 0)))
    });
    Arc::new(Ram::from_ranges_with_files(&regions).unwrap())
}
