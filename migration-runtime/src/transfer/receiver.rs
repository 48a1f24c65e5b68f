//! The destination's half: pages go straight into guest memory, everything else to the caller.

use std::sync::Arc;
use std::time::Instant;

use super::flow::Acknowledged;
use super::message::{RawMessage, append_payload, noun, read_frame, read_message, send_synced};
use super::prefault::Prefault;
use super::rate::Rate;
use super::spool::Spool;
use crate::channel::{Channel, ChannelError, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Holes, LOOK_PAGES_MAX, Layout, Memory, PAGE_BYTES, PageRun, Pages};
use crate::progress::Progress;
use crate::wire::{Frame, Payload, WireError};

/// A source whose user has paused the migration asks questions only. It may do so this many times longer than one that
/// gives signs of life only: with the table's default, an hour.
const PAUSE_PATIENCE: u32 = 12;

/// Receives the memory and the device state of a guest into a guest that is stopped.
#[derive(Debug)]
pub struct Receiver {
    memory: Memory,
    progress: Arc<Progress>,
    prefault: Prefault,
    holes: Holes,
    missing: DirtyBitmap,
    memory_ended: bool,
    state: Option<Spool>,
    state_ended: bool,
    restarts: bool,
    acknowledged: Acknowledged,
    rate: Rate,
}

/// What a caller is told while a guest arrives.
#[derive(Debug)]
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
    /// A section of device state that was saved while the guest runs.
    StateRound(Spool),
    /// The whole device state. It is given once.
    State(Spool),
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
            state: None,
            state_ended: false,
            restarts: false,
            acknowledged: Acknowledged::new(),
            rate: Rate::new(),
        }
    }

    /// The same receiver for a source that may start a post-copy: a section of device state may begin anew, in place of
    /// one that was given up in its middle.
    #[must_use]
    pub fn with_restarts(mut self) -> Receiver {
        self.restarts = true;
        self
    }

    /// Returns the pages that have never come.
    pub fn missing(&self) -> &DirtyBitmap {
        &self.missing
    }

    /// Takes in pages and signs of life until something comes that the caller has to know.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, the connection ends, or the peer sends what it may not send.
    /// What has arrived is then worth nothing.
    pub fn next(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Received, ChannelError> {
        let mut talk = Talk::new();
        loop {
            talk.check(wait)?;
            // Each frame is bounded as a whole.
            let wait = &wait.as_a_whole(0);
            wait.check()?;
            self.acknowledged.await_more(channel, wait)?;
            match read_frame(channel, wait)? {
                Frame::Pages(run) => {
                    self.take_pages(run, channel, wait)?;
                    talk = Talk::new();
                }
                Frame::Zeroes(run) => {
                    self.take_zeroes(run, channel, wait)?;
                    talk = Talk::new();
                }
                Frame::State { offset, payload } => {
                    self.take_state(offset, payload, channel, wait)?;
                    talk = Talk::new();
                }
                Frame::StateEnd { bytes } => {
                    let state = self.end_section(bytes)?;
                    self.state_ended = true;
                    return Ok(Received::State(state));
                }
                Frame::StateRoundEnd { bytes } => return self.end_section(bytes).map(Received::StateRound),
                Frame::RoundEnd { round } => {
                    self.progress.begin_round();
                    self.prefault.stop();
                    return Ok(Received::RoundEnd { round });
                }
                Frame::MemoryEnd => return self.end_memory(),
                Frame::KeepAlive => {}
                Frame::Sync => {
                    send_synced(channel, wait)?;
                    talk.asked = Instant::now();
                    self.acknowledged.all(channel);
                }
                other @ (Frame::Synced
                | Frame::Taken { .. }
                | Frame::Farewell { .. }
                | Frame::Request(_)
                | Frame::Missing { .. }
                | Frame::MissingEnd { .. }) => {
                    let text = format!("the source sent {}, for which nobody asked", noun(&other));
                    return Err(ChannelError::protocol(text));
                }
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
        let mut filled = 0;
        while filled < pages.bytes() {
            self.acknowledged.await_more(channel, wait)?;
            filled += channel.read_some(pages.after(filled), wait)?;
        }
        self.progress.add_pages(run.pages, 0);
        self.arrived(run, channel);
        Ok(())
    }

    fn take_zeroes(&mut self, run: PageRun, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.admit(run)?;
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

    /// Notes pages that have arrived.
    fn arrived(&mut self, run: PageRun, channel: &Channel) {
        self.missing.remove(run);
        self.progress.set_transferred(channel.bytes_received());
        self.progress.set_remaining(self.missing.bytes());
        self.rate.measure(channel.bytes_received(), &self.progress);
    }

    fn take_state(
        &mut self,
        offset: u64,
        payload: Payload,
        channel: &mut Channel,
        wait: &Wait<'_>,
    ) -> Result<(), ChannelError> {
        if self.restarts && offset == 0 {
            self.state = None;
        }
        let state = self.state.get_or_insert_with(Spool::new);
        if self.state_ended || offset != state.bytes() {
            let text = format!("device state for offset {offset} came at offset {}", state.bytes());
            return Err(ChannelError::protocol(text));
        }
        let mut piece = Vec::new();
        append_payload(channel, payload, &mut piece, wait)?;
        state.append(&piece).map_err(|error| ChannelError::refused("the device state cannot be kept", error))?;
        self.progress.set_transferred(channel.bytes_received());
        Ok(())
    }

    fn end_section(&mut self, bytes: u64) -> Result<Spool, ChannelError> {
        if self.state_ended {
            return Err(ChannelError::protocol("the device state ended twice"));
        }
        let anew = self.restarts && bytes == 0;
        let mut state = self.state.take().filter(|_| !anew).unwrap_or_else(Spool::new);
        if bytes != state.bytes() {
            let text = format!("{} bytes of device state came instead of {bytes}", state.bytes());
            return Err(ChannelError::protocol(text));
        }
        state.rewind().map_err(|error| ChannelError::refused("the device state cannot be read back", error))?;
        Ok(state)
    }

    fn end_memory(&mut self) -> Result<Received, ChannelError> {
        if self.memory_ended {
            return Err(ChannelError::protocol("the memory ended twice"));
        }
        if !self.missing.is_empty() {
            let text = format!("the memory ended before {} of its pages came", self.missing.count());
            return Err(ChannelError::protocol(text));
        }
        self.memory_ended = true;
        Ok(Received::MemoryEnd)
    }

    fn admit(&self, run: PageRun) -> Result<(), ChannelError> {
        if self.memory_ended {
            let text = format!("{run} came after the end of the memory");
            return Err(ChannelError::protocol(text));
        }
        Ok(())
    }
}

/// Since when the source has sent nothing of the guest.
struct Talk {
    /// It has given signs of life only since then.
    asked: Instant,
    /// It has given signs of life and asked questions only since then, as while its user has paused the migration.
    began: Instant,
}

impl Talk {
    fn new() -> Talk {
        let now = Instant::now();
        Talk { asked: now, began: now }
    }

    /// # Errors
    /// When that has lasted too long.
    fn check(&self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let Some(patience) = wait.patience() else { return Ok(()) };
        let pause = patience.saturating_mul(PAUSE_PATIENCE);
        if self.asked.elapsed() >= patience {
            return Err(ChannelError::stalled("the source sent nothing of the guest", patience));
        }
        if self.began.elapsed() >= pause {
            let text = "the source sent nothing of the guest but asked whether this side is there";
            return Err(ChannelError::stalled(text, pause));
        }
        Ok(())
    }
}

/// Finds the pages that a frame names, if the guest has them.
fn find(memory: &Memory, run: PageRun) -> Result<Pages<'_>, WireError> {
    Pages::find(memory, run).ok_or(WireError::Pages(run))
}
