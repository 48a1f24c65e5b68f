//! The destination's half: pages go straight into guest memory, everything else to the caller.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::landing::Landing;
use super::message::{RawMessage, append_payload, misplaced, noun, read_frame, read_message, send_synced};
use super::multifd::PageReceivers;
use super::prefault::Prefault;
use super::rate::Rate;
use super::spool::Spool;
use crate::channel::{Channel, ChannelError, Peek, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Layout, Memory, PageRun};
use crate::progress::Progress;
use crate::wire::{Frame, Payload};

/// A source whose user has paused the migration asks questions only. It may do so this many times longer than one that
/// gives signs of life only: with the table's default, an hour.
const PAUSE_PATIENCE: u32 = 12;

/// Receives the memory and the device state of a guest into a guest that is stopped.
#[derive(Debug)]
pub struct Receiver {
    progress: Arc<Progress>,
    prefault: Prefault,
    landing: Landing,
    /// Where pages come, if not here.
    pages: Option<PageReceivers>,
    memory_ended: bool,
    state: Option<Spool>,
    state_ended: bool,
    restarts: bool,
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
            prefault: Prefault::new(memory),
            landing: Landing::new(memory, Arc::clone(&progress), Arc::new(Mutex::new(missing))),
            progress,
            pages: None,
            memory_ended: false,
            state: None,
            state_ended: false,
            restarts: false,
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

    /// The same receiver, to which pages come over connections of their own.
    #[must_use]
    pub fn with_pages(self, pages: PageReceivers) -> Receiver {
        Receiver { landing: pages.landing(), pages: Some(pages), ..self }
    }

    /// Returns the pages that have never come.
    pub fn missing(&self) -> DirtyBitmap {
        self.landing.missing().clone()
    }

    /// Waits until the connections for pages have ended: no page comes after that. What the source says meanwhile on the
    /// main connection is left unread.
    ///
    /// # Errors
    /// As [`next`](Receiver::next).
    pub fn end_pages(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.await_pages(channel, Main::SaysMore, wait)
    }

    fn await_pages(&mut self, channel: &mut Channel, main: Main, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let Some(pages) = &mut self.pages else { return Ok(()) };
        let mut talk = Talk::new();
        while !pages.have_ended()? {
            if pages.moved() {
                talk = Talk::new();
            }
            talk.check(wait)?;
            self.landing.acknowledged.show_life(channel, wait)?;
            if pages.await_news((main == Main::IsDone).then_some(&mut *channel), wait)? == Peek::Quiet {
                continue;
            }
            let frame = read_frame(channel, wait)?;
            if frame != Frame::KeepAlive {
                return Err(misplaced("the source", &frame, "while pages were to come"));
            }
        }
        Ok(())
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
            self.landing.acknowledged.await_more(channel, wait)?;
            if let Some(pages) = &mut self.pages {
                pages.await_main(channel, wait)?;
                if pages.moved() {
                    talk = Talk::new();
                    self.rate.measure(&self.progress);
                }
            }
            match read_frame(channel, wait)? {
                Frame::Pages(run) => {
                    self.admit(run)?;
                    self.prefault.expect_after(run);
                    self.landing.take_pages(run, channel, wait)?;
                    self.rate.measure(&self.progress);
                    talk = Talk::new();
                }
                Frame::Zeroes(run) => {
                    self.admit(run)?;
                    self.landing.take_zeroes(run, channel, wait)?;
                    self.rate.measure(&self.progress);
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
                Frame::MemoryEnd => {
                    self.await_pages(channel, Main::IsDone, wait)?;
                    return self.end_memory();
                }
                Frame::KeepAlive => {}
                Frame::Sync => {
                    send_synced(channel, wait)?;
                    talk.asked = Instant::now();
                    self.landing.acknowledged.all(channel);
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
        self.landing.count(channel);
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
        let missing = self.landing.missing().count();
        if missing > 0 {
            let text = format!("the memory ended before {missing} of its pages came");
            return Err(ChannelError::protocol(text));
        }
        self.memory_ended = true;
        Ok(Received::MemoryEnd)
    }

    fn admit(&self, run: PageRun) -> Result<(), ChannelError> {
        if self.pages.is_some() {
            let text = format!("{run} came on the main connection, though there are connections for pages");
            return Err(ChannelError::protocol(text));
        }
        if self.memory_ended {
            let text = format!("{run} came after the end of the memory");
            return Err(ChannelError::protocol(text));
        }
        Ok(())
    }
}

/// What may come on the main connection while the others come to their end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Main {
    /// Nothing but the end of the attempt.
    IsDone,
    /// What somebody else will read.
    SaysMore,
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
