//! Puts pages from one connection straight into guest memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::flow::Acknowledged;
use crate::channel::{Channel, ChannelError, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Holes, LOOK_PAGES_MAX, Memory, PAGE_BYTES, PageRun, Pages};
use crate::progress::Progress;
use crate::wire::WireError;

/// The pages that have never come. The connections of an attempt share them.
pub(super) type Missing = Arc<Mutex<DirtyBitmap>>;

/// Where the pages of one connection arrive.
#[derive(Debug)]
pub(super) struct Landing {
    memory: Memory,
    progress: Arc<Progress>,
    missing: Missing,
    holes: Holes,
    pub(super) acknowledged: Acknowledged,
    /// The bytes of the connection that were counted.
    counted: u64,
}

impl Landing {
    pub(super) fn new(memory: &Memory, progress: Arc<Progress>, missing: Missing) -> Landing {
        let (memory, acknowledged) = (memory.clone(), Acknowledged::new());
        Landing { memory, progress, missing, holes: Holes::new(), acknowledged, counted: 0 }
    }

    pub(super) fn missing(&self) -> MutexGuard<'_, DirtyBitmap> {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Receives the contents of pages.
    pub(super) fn take_pages(
        &mut self,
        run: PageRun,
        channel: &mut Channel,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        let pages = find(&self.memory, run)?;
        let mut filled = 0;
        while filled < pages.bytes() {
            wait.check()?;
            self.acknowledged.show_life(channel, wait)?;
            let rest = pages.after(filled);
            filled += match channel.try_read_some(rest)? {
                Some(count) => count,
                None => {
                    self.acknowledged.await_readable(channel, wait)?;
                    channel.read_some(rest, wait)?
                }
            };
        }
        self.progress.add_pages(run.pages, 0);
        self.arrived(run, channel);
        Ok(())
    }

    /// Wipes pages that hold only zeroes.
    pub(super) fn take_zeroes(
        &mut self,
        run: PageRun,
        channel: &mut Channel,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        let pages = find(&self.memory, run)?;
        let mut page = 0;
        while page < run.pages {
            wait.check()?;
            self.acknowledged.show_life(channel, wait)?;
            let some =
                PageRun { address: run.address + page * PAGE_BYTES, pages: LOOK_PAGES_MAX.min(run.pages - page) };
            self.holes.look(&self.memory, some);
            for index in (0..some.pages).filter(|&index| !self.holes.is_hole(index)) {
                pages.clear((page + index) as usize);
            }
            page += some.pages;
        }
        self.progress.add_pages(0, run.pages);
        self.arrived(run, channel);
        Ok(())
    }

    /// Counts the bytes that have come since this was last done.
    pub(super) fn count(&mut self, channel: &Channel) {
        let bytes = channel.bytes_received();
        self.progress.add_transferred(bytes - self.counted);
        self.counted = bytes;
    }

    /// Notes pages that have arrived.
    fn arrived(&mut self, run: PageRun, channel: &Channel) {
        self.count(channel);
        let left = {
            let mut missing = self.missing();
            missing.remove(run);
            missing.bytes()
        };
        self.progress.set_remaining(left);
    }
}

/// Finds the pages that a frame names, if the guest has them.
fn find(memory: &Memory, run: PageRun) -> Result<Pages<'_>, WireError> {
    Pages::find(memory, run).ok_or(WireError::Pages(run))
}
