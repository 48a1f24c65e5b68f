//! The destination's half: pages go straight into guest memory, everything else to the caller.

use std::sync::Arc;

use super::message::{RawMessage, append_payload, read_frame, read_message, send_synced};
use super::prefault::Prefault;
use crate::channel::{Channel, ChannelError, Wait};
use crate::dirty::DirtyBitmap;
use crate::guest::DEVICE_STATE_BYTES_MAX;
use crate::memory::{Holes, LOOK_PAGES_MAX, Layout, Memory, PAGE_BYTES, PageRun, Pages};
use crate::progress::Progress;
use crate::wire::{Frame, Payload, WireError};

/// Receives the memory and the device state of a guest into a guest that is stopped.
#[derive(Debug)]
pub struct Receiver {
    memory: Memory,
    progress: Arc<Progress>,
    prefault: Prefault,
    holes: Holes,
    missing: DirtyBitmap,
    memory_ended: bool,
    state: Vec<u8>,
    state_ended: bool,
}

/// What a caller is told while a guest arrives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Received {
    /// A control message.
    Message(RawMessage),
    /// A round of pages is over.
    RoundEnd {
        /// The number of the round, as the source counts.
        round: u64,
    },
    /// All memory is here: every page came at least once, and none will come any more.
    MemoryEnd,
    /// The whole device state. It is given once.
    State(Vec<u8>),
}

impl Receiver {
    /// A receiver for one attempt.
    ///
    /// `layout` is that of `memory`; the source has agreed to it.
    pub fn new(memory: &Memory, layout: &Layout, progress: Arc<Progress>) -> Receiver {
        let mut missing = DirtyBitmap::new(layout);
        missing.set_all();
        Receiver {
            memory: memory.clone(),
            progress,
            prefault: Prefault::new(memory),
            holes: Holes::new(),
            missing,
            memory_ended: false,
            state: Vec::new(),
            state_ended: false,
        }
    }

    /// Takes in pages and signs of life until something comes that the caller has to know.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, the connection ends, or the peer sends what it may not send.
    /// What has arrived is then worth nothing.
    pub fn next(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Received, ChannelError> {
        loop {
            wait.check()?;
            match read_frame(channel, wait)? {
                Frame::Pages(run) => self.take_pages(run, channel, wait)?,
                Frame::Zeroes(run) => self.take_zeroes(run, wait)?,
                Frame::State { offset, payload } => {
                    self.take_state(offset, payload, channel, wait)?;
                }
                Frame::StateEnd { bytes } => return self.end_state(bytes),
                Frame::RoundEnd { round } => {
                    self.progress.begin_round();
                    self.prefault.stop();
                    return Ok(Received::RoundEnd { round });
                }
                Frame::MemoryEnd => return self.end_memory(),
                Frame::KeepAlive => {}
                Frame::Sync => send_synced(channel, wait)?,
                Frame::Synced => return Err(ChannelError::protocol("the source answers a question that nobody asked")),
                Frame::Message { number, payload } => {
                    return read_message(channel, number, payload, wait).map(Received::Message);
                }
            }
        }
    }

    fn take_pages(&mut self, run: PageRun, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.admit(run)?;
        self.prefault.expect_after(run);
        let pages = find(&self.memory, run)?;
        channel.read_pages(pages, wait)?;
        self.missing.remove(run);
        self.progress.add_pages(run.pages, 0);
        self.progress.add_transferred(run.bytes());
        Ok(())
    }

    fn take_zeroes(&mut self, run: PageRun, wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.admit(run)?;
        let pages = find(&self.memory, run)?;
        let mut page = 0;
        while page < run.pages {
            wait.check()?;
            let some =
                PageRun { address: run.address + page * PAGE_BYTES, pages: LOOK_PAGES_MAX.min(run.pages - page) };
            self.holes.look(&self.memory, some);
            for index in (0..some.pages).filter(|&index| !self.holes.is_hole(index)) {
                pages.clear((page + index) as usize);
            }
            page += some.pages;
        }
        self.missing.remove(run);
        self.progress.add_pages(0, run.pages);
        Ok(())
    }

    fn take_state(
        &mut self,
        offset: u32,
        payload: Payload,
        channel: &mut Channel,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        let here = self.state.len();
        if self.state_ended || offset as usize != here {
            let text = format!("device state for offset {offset} came at offset {here}");
            return Err(ChannelError::protocol(text));
        }
        if here + payload.bytes as usize > DEVICE_STATE_BYTES_MAX {
            let text = format!("more than {DEVICE_STATE_BYTES_MAX} bytes of device state came");
            return Err(ChannelError::protocol(text));
        }
        append_payload(channel, payload, &mut self.state, wait)?;
        self.progress.add_transferred(payload.bytes.into());
        Ok(())
    }

    fn end_state(&mut self, bytes: u32) -> Result<Received, ChannelError> {
        let here = self.state.len();
        if self.state_ended || bytes as usize != here {
            let text = format!("{here} bytes of device state came instead of {bytes}");
            return Err(ChannelError::protocol(text));
        }
        self.state_ended = true;
        Ok(Received::State(std::mem::take(&mut self.state)))
    }

    fn end_memory(&mut self) -> Result<Received, ChannelError> {
        if self.memory_ended || !self.missing.is_empty() {
            let text = format!("the memory ended with {} pages missing", self.missing.count());
            return Err(ChannelError::protocol(text));
        }
        self.memory_ended = true;
        Ok(Received::MemoryEnd)
    }

    fn admit(&self, run: PageRun) -> Result<(), ChannelError> {
        if self.memory_ended {
            let text = format!("pages at {:#x} came after the end of the memory", run.address);
            return Err(ChannelError::protocol(text));
        }
        Ok(())
    }
}

/// Finds the pages that a frame names, if the guest has them.
fn find(memory: &Memory, run: PageRun) -> Result<Pages<'_>, WireError> {
    Pages::find(memory, run).ok_or(WireError::Pages(run))
}
