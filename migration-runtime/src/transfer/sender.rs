//! The source's half: rounds of dirty pages, then the device state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::message::send_keep_alive;
use super::pace::Bucket;
use crate::channel::{Channel, ChannelError, Heed, Part, Peek, Wait, Written};
use crate::dirty::DirtyBitmap;
use crate::guest::DEVICE_STATE_BYTES_MAX;
use crate::memory::{Holes, Memory};
use crate::parameters::Parameters;
use crate::progress::Progress;
use crate::wire::{Frame, Payload, STATE_CHUNK_BYTES_MAX};

/// The most bytes of pages that go into one system call.
const BATCH_BYTES_MAX: u64 = 1 << 20;

/// A new bound of the rate acts after at most this time.
const SLEEP_MAX: Duration = Duration::from_millis(20);

/// A sender that its bound keeps silent gives a sign of life this often.
const SILENCE_MAX: Duration = Duration::from_secs(1);

/// The rate is measured over at least this time.
const WINDOW: Duration = Duration::from_millis(100);

/// A first rate is taken from a round that was over before [`WINDOW`] was, if it had this many bytes.
const WINDOW_BYTES_MIN: u64 = 256 << 10;

/// After the first round, shorter runs of pages are read without a look whether they are holes.
const LOOK_PAGES_MIN: u64 = 4;

/// Sends the memory and the device state of a guest.
#[derive(Debug)]
pub struct Sender {
    parameters: Arc<Parameters>,
    progress: Arc<Progress>,
    bucket: Bucket,
    began: Instant,
    last_sent: Instant,
    window_bytes: u64,
    window: Duration,
    rate_known: bool,
    holes: Holes,
}

/// Whether the user's bound of the rate applies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// At most `max_bandwidth`.
    Bounded,
    /// As fast as possible, because the guest stands still.
    Unbounded,
}

/// How sending ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Sent {
    /// Everything was sent.
    All,
    /// The peer spoke or closed the connection before everything was sent. Read what it says, and send nothing more: a
    /// frame may have been cut off.
    PeerSpoke,
}

impl Sender {
    /// A sender for one attempt.
    pub fn new(parameters: Arc<Parameters>, progress: Arc<Progress>) -> Sender {
        let now = Instant::now();
        Sender {
            parameters,
            progress,
            bucket: Bucket::default(),
            began: now,
            last_sent: now,
            window_bytes: 0,
            window: Duration::ZERO,
            rate_known: false,
            holes: Holes::new(),
        }
    }

    /// Sends all pages of `dirty`, which is empty afterwards, and the mark of the end of a round.
    ///
    /// The guest may run. A page that it writes meanwhile arrives old, new or mixed; the dirty log names it again.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks. `dirty` then lacks pages that may not
    /// have been sent, so the attempt must end.
    ///
    /// # Panics
    /// When the bitmap is of another memory.
    pub fn send_round(
        &mut self,
        channel: &mut Channel,
        memory: &Memory,
        dirty: &mut DirtyBitmap,
        pace: Pace,
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        let round = self.progress.begin_round();
        // Every page is due in the first round; later it is those that were written, and short runs of them are no holes.
        let look_pages_min = if round == 1 { 1 } else { LOOK_PAGES_MIN };
        while !dirty.is_empty() {
            self.progress.set_remaining(dirty.bytes());
            if channel.peek() != Peek::Quiet {
                return Ok(Sent::PeerSpoke);
            }
            let started = Instant::now();
            if self.hold_back(channel, pace, wait)? == Sent::PeerSpoke {
                return Ok(Sent::PeerSpoke);
            }
            let held_back = started.elapsed();
            let bytes_max = Bucket::piece(self.bound(pace), BATCH_BYTES_MAX);
            let batch = Batch::take(memory, dirty, &mut self.holes, look_pages_min, bytes_max);
            let (started, before) = (Instant::now(), channel.bytes_sent());
            let written = batch.send(channel, wait)?;
            let bytes = channel.bytes_sent() - before;
            self.count(bytes, held_back + started.elapsed());
            if written == Written::PeerSpoke {
                return Ok(Sent::PeerSpoke);
            }
            self.progress.add_pages(batch.normal_pages(), batch.zero_pages());
        }
        self.progress.set_remaining(0);
        self.end_window();
        self.send_frame(channel, Frame::RoundEnd { round }, wait)
    }

    /// Tells the peer that no page will come any more.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn end_memory(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        self.send_frame(channel, Frame::MemoryEnd, wait)
    }

    /// Sends the device state.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, the connection breaks, or the state is larger than
    /// [`DEVICE_STATE_BYTES_MAX`].
    pub fn send_state(&mut self, channel: &mut Channel, state: &[u8], wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let bytes = checked_state_bytes(state)?;
        let mut offset = 0;
        for chunk in state.chunks(STATE_CHUNK_BYTES_MAX as usize) {
            let payload = Payload::of(chunk);
            let header = Frame::State { offset, payload }.encode();
            let parts = &mut [Part::from(&header[..]), Part::from(chunk)];
            if self.send_parts(channel, parts, wait)? == Sent::PeerSpoke {
                return Ok(Sent::PeerSpoke);
            }
            offset += payload.bytes;
        }
        self.send_frame(channel, Frame::StateEnd { bytes }, wait)
    }

    /// Sleeps until the bound of the rate lets the next bytes go.
    fn hold_back(&mut self, channel: &mut Channel, pace: Pace, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        loop {
            let left = self.bucket.wait(self.began.elapsed(), self.bound(pace));
            if left.is_zero() {
                return Ok(Sent::All);
            }
            if channel.pause(&wait.for_at_most(left.min(SLEEP_MAX)))? != Peek::Quiet {
                return Ok(Sent::PeerSpoke);
            }
            if self.last_sent.elapsed() >= SILENCE_MAX {
                send_keep_alive(channel, wait)?;
                self.last_sent = Instant::now();
            }
        }
    }

    /// The bound of the rate that applies now, in bytes a second; 0 is no bound.
    fn bound(&self, pace: Pace) -> u64 {
        match pace {
            Pace::Bounded => self.parameters.max_bandwidth(),
            Pace::Unbounded => 0,
        }
    }

    fn send_frame(&mut self, channel: &mut Channel, frame: Frame, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        self.send_parts(channel, &mut [Part::from(&frame.encode()[..])], wait)
    }

    fn send_parts(
        &mut self,
        channel: &mut Channel,
        parts: &mut [Part<'_>],
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        let before = channel.bytes_sent();
        let written = channel.write_parts(parts, Heed::Peer, wait)?;
        self.progress.add_transferred(channel.bytes_sent() - before);
        self.last_sent = Instant::now();
        Ok(match written {
            Written::All => Sent::All,
            Written::PeerSpoke => Sent::PeerSpoke,
        })
    }

    /// Counts bytes of pages and the time that they took.
    fn count(&mut self, bytes: u64, elapsed: Duration) {
        self.progress.add_transferred(bytes);
        self.bucket.spend(bytes);
        self.last_sent = Instant::now();
        self.window_bytes += bytes;
        self.window += elapsed;
        if self.window >= WINDOW {
            self.measure();
        }
    }

    /// Makes do with what was measured if a round is over before anything else is known.
    fn end_window(&mut self) {
        if !self.rate_known && self.window_bytes >= WINDOW_BYTES_MIN {
            self.measure();
        }
    }

    fn measure(&mut self) {
        self.progress.measure_rate(self.window_bytes, self.window);
        self.rate_known = true;
        (self.window_bytes, self.window) = (0, Duration::ZERO);
    }
}

fn checked_state_bytes(state: &[u8]) -> Result<u32, ChannelError> {
    if state.len() > DEVICE_STATE_BYTES_MAX {
        let text = format!("the guest has {} bytes of device state (allowed: {DEVICE_STATE_BYTES_MAX})", state.len());
        return Err(ChannelError::protocol(text));
    }
    Ok(state.len() as u32)
}
