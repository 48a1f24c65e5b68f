//! Puts pages that arrive where they belong, whichever way they come.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::host_memory::HostMemory;
use super::ledger::{Ledger, Via};
use super::userfault::Userfault;
use super::{Figures, PostcopyError};
use crate::bell::Bell;
use crate::channel::{Channel, ChannelError, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Memory, PAGE_BYTES, PageRun};

/// The most bytes that are received before they are put into memory: enough for the kernel to fill many pages at once,
/// and few enough to be still in the processor's cache.
const PIECE_BYTES_MAX: usize = 256 << 10;

/// Memory that is being filled. Threads share it.
#[derive(Debug)]
pub(super) struct Arrivals {
    userfault: Userfault,
    host: HostMemory,
    ledger: Mutex<Ledger>,
    whole: AtomicBool,
    news: Bell,
}

/// Memory of this process in which pages wait to be put into guest memory.
#[derive(Debug)]
pub(super) struct Dock(Vec<u8>);

impl Dock {
    /// Room for pieces of many pages.
    pub(super) fn new() -> Dock {
        Dock(vec![0; PIECE_BYTES_MAX])
    }
}

impl Arrivals {
    /// Drops the pages that are missing, and makes whoever touches them wait.
    pub(super) fn new(memory: &Memory, missing: DirtyBitmap) -> Result<Arrivals, PostcopyError> {
        let (userfault, host) = (Userfault::open()?, HostMemory::of(memory)?);
        let news = Bell::new().map_err(PostcopyError::Process)?;
        let mut left = missing.clone();
        let whole = left.is_empty().into();
        let arrivals = Arrivals { userfault, host, ledger: Mutex::new(Ledger::new(missing)), whole, news };
        for region in arrivals.host.regions() {
            let registered = arrivals.userfault.register(region.host, region.bytes);
            registered.map_err(|source| PostcopyError::Register { address: region.guest, source })?;
        }
        while let Some(run) = left.take_run(u64::MAX) {
            arrivals.host.discard(run)?;
        }
        Ok(arrivals)
    }

    /// The descriptor of faults.
    pub(super) fn userfault(&self) -> &Userfault {
        &self.userfault
    }

    /// The books. No lock of this is held while anything waits.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether no page is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Acquire)
    }

    /// Rings when the memory has become whole, or a connection was given up.
    pub(super) fn news(&self) -> &Bell {
        &self.news
    }

    /// A copy of what was counted.
    pub(super) fn figures(&self) -> Figures {
        self.ledger().figures().clone()
    }

    /// Returns the guest's page that a thread touched.
    pub(super) fn guest_page(&self, address: u64) -> Option<u64> {
        self.host.guest_page(address)
    }

    /// Wakes who waits for a page that is not missing: it holds zeroes that nobody has stored, or was filled meanwhile.
    pub(super) fn answer_here(&self, page: u64) -> io::Result<()> {
        self.userfault.zero(self.host.host(PageRun { address: page, pages: 1 }), PAGE_BYTES)?;
        Ok(())
    }

    /// Receives the contents of pages that a frame has announced, and puts them into memory.
    pub(super) fn take_pages(
        &self,
        run: PageRun,
        via: Via,
        channel: &mut Channel,
        dock: &mut Dock,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        self.admit(run, via)?;
        let pages_max = (PIECE_BYTES_MAX as u64) / PAGE_BYTES;
        let mut page = 0;
        while page < run.pages {
            let piece = PageRun { address: run.address + page * PAGE_BYTES, pages: pages_max.min(run.pages - page) };
            let bytes = &mut dock.0[..piece.bytes() as usize];
            channel.read_exact(bytes, wait)?;
            self.put(piece, Some(bytes), via)?;
            page += piece.pages;
        }
        Ok(())
    }

    /// Fills pages with zeroes.
    pub(super) fn take_zeroes(&self, run: PageRun, via: Via) -> Result<(), ChannelError> {
        self.admit(run, via)?;
        self.put(run, None, via)
    }

    /// Lets all memory be as it is: no page is waited for any more.
    pub(super) fn release(&self) {
        for region in self.host.regions() {
            if let Err(error) = self.userfault.unregister(region.host, region.bytes) {
                tracing::warn!(%error, "a region of memory is still watched");
            }
        }
    }

    fn admit(&self, run: PageRun, via: Via) -> Result<(), ChannelError> {
        if self.ledger().admit(run, via) {
            return Ok(());
        }
        let why = match via {
            Via::Pull => "for which nobody asked",
            Via::Push => "not all of it missing, or sent before",
        };
        Err(ChannelError::protocol(format!("the source sent {run}, {why}")))
    }

    fn put(&self, run: PageRun, bytes: Option<&[u8]>, via: Via) -> Result<(), ChannelError> {
        let parts = self.ledger().missing().parts_of(run);
        let mut pages = 0;
        for part in &parts {
            let host = self.host.host(*part);
            let filled = match bytes {
                Some(bytes) => {
                    let start = (part.address - run.address) as usize;
                    self.userfault.copy(host, &bytes[start..start + part.bytes() as usize])
                }
                None => self.userfault.zero(host, part.bytes()),
            };
            let filled = filled.map_err(|error| ChannelError::refused("pages cannot be put into memory", error))?;
            let whole = self.ledger().arrived(*part, filled, bytes.is_none(), via, Instant::now());
            pages += part.pages;
            if whole {
                self.whole.store(true, Ordering::Release);
                self.news.ring();
            }
        }
        let mut ledger = self.ledger();
        ledger.crossed(run.pages - pages);
        if via == Via::Pull {
            ledger.answered(run);
        }
        Ok(())
    }
}
