//! The source's half: rounds of dirty pages, then the device state.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::batch::Batch;
use super::flow::{Sent, hear_signs, push};
use super::message::send_keep_alive;
use super::multifd::{PageSenders, Until};
use super::pace::Bucket;
use crate::channel::{Channel, ChannelError, Part, Peek, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Holes, Memory, PAGE_BYTES};
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
    /// Where pages go, if not over the main connection.
    pages: Option<PageSenders>,
    /// Since when pages that no call waits for may leave over connections of their own.
    in_flight_since: Option<Instant>,
    round: u64,
    state_bytes: u64,
}

/// Whether the user's bound of the rate applies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pace {
    /// At most `max_bandwidth`.
    Bounded,
    /// As fast as possible, because the guest stands still.
    Unbounded,
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
            pages: None,
            in_flight_since: None,
            round: 0,
            state_bytes: 0,
        }
    }

    /// Sends pages over connections of their own from now on; `None` closes these.
    pub fn set_pages(&mut self, pages: Option<PageSenders>) {
        self.pages = pages;
    }

    /// Returns the connections for pages; `None` where pages go over the main connection.
    pub fn pages(&mut self) -> Option<&mut PageSenders> {
        self.pages.as_mut()
    }

    /// Waits until the destination has taken in all pages that went over connections of their own.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or a connection breaks.
    pub fn settle_pages(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let Some(pages) = &mut self.pages else { return Ok(Sent::All) };
        pages.ask();
        pages.wait(Until::Idle, channel, Duration::MAX, wait)
    }

    /// Tells the peer on every connection for pages that no page will come any more.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or a connection breaks.
    pub fn end_pages(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let Some(pages) = &mut self.pages else { return Ok(Sent::All) };
        pages.end();
        let (began, ended) = (Instant::now(), pages.wait(Until::Ended, channel, Duration::MAX, wait)?);
        self.count_spread(channel, began);
        Ok(ended)
    }

    /// Sends all pages of `dirty`, which is empty afterwards, and the mark of the end of a round.
    ///
    /// The guest may run. A page that it writes meanwhile arrives old, new or mixed; the dirty log names it again.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks. `dirty` then still has every page that
    /// may not have been sent.
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
        self.begin_round();
        match self.send_pages(channel, memory, dirty, pace, Duration::MAX, wait)? {
            Sent::All => self.end_round(channel, wait),
            other @ (Sent::PeerSpoke | Sent::TimeUp) => Ok(other),
        }
    }

    /// Begins a round.
    pub fn begin_round(&mut self) {
        self.round = self.progress.begin_round();
    }

    /// Sends pages of `dirty` until it is empty or `time` is over.
    ///
    /// # Errors
    /// As [`send_round`](Sender::send_round).
    ///
    /// # Panics
    /// When the bitmap is of another memory.
    pub fn send_pages(
        &mut self,
        channel: &mut Channel,
        memory: &Memory,
        dirty: &mut DirtyBitmap,
        pace: Pace,
        time: Duration,
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        let began = Instant::now();
        // Every page is due in the first round; later it is those that were written, and short runs of them are no holes.
        let look_pages_min = if self.round == 1 { 1 } else { LOOK_PAGES_MIN };
        if self.pages.is_some() {
            return self.spread_pages(channel, dirty, pace, (began, time), look_pages_min, wait);
        }
        while !dirty.is_empty() {
            self.progress.set_remaining(dirty.bytes());
            if began.elapsed() >= time {
                return Ok(Sent::TimeUp);
            }
            let started = Instant::now();
            match self.hold_back(channel, pace, time.saturating_sub(began.elapsed()), wait)? {
                Sent::All => {}
                other @ (Sent::PeerSpoke | Sent::TimeUp) => return Ok(other),
            }
            let held_back = started.elapsed();
            let bytes_max = Bucket::piece(self.bound(pace), BATCH_BYTES_MAX);
            let batch = Batch::take(memory, dirty, &mut self.holes, look_pages_min, bytes_max);
            let (started, before) = (Instant::now(), channel.bytes_sent());
            let sent = batch.send(channel, wait).inspect_err(|_| batch.give_back(dirty))?;
            let bytes = channel.bytes_sent() - before;
            self.count(bytes, held_back + started.elapsed());
            self.progress.set_taken(channel.bytes_taken());
            if sent == Sent::PeerSpoke {
                return Ok(sent);
            }
            self.progress.add_pages(batch.normal_pages(), batch.zero_pages());
        }
        self.progress.set_remaining(0);
        self.end_window();
        Ok(Sent::All)
    }

    /// As [`send_pages`](Sender::send_pages), over the connections for pages.
    fn spread_pages(
        &mut self,
        channel: &mut Channel,
        dirty: &mut DirtyBitmap,
        pace: Pace,
        (began, time): (Instant, Duration),
        look_pages_min: u64,
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        loop {
            let started = Instant::now();
            self.progress.set_remaining(dirty.bytes());
            let left = time.saturating_sub(began.elapsed());
            match self.hold_back(channel, pace, left, wait)? {
                Sent::All => {}
                other @ (Sent::PeerSpoke | Sent::TimeUp) => return Ok(other),
            }
            let bound = self.bound(pace);
            let Some(pages) = &mut self.pages else { return Ok(Sent::All) };
            // What is bounded is what has left, so only a moment's worth of the bound may be on its way. Less than that would
            // have one connection wait for the other.
            let [piece, moment] =
                [BATCH_BYTES_MAX, u64::MAX].map(|bytes_max| (Bucket::piece(bound, bytes_max) / PAGE_BYTES).max(1));
            pages.hand_out(dirty, piece.min(moment.saturating_sub(pages.on_their_way())), look_pages_min);
            let is_last = dirty.is_empty() && !pages.has_pending();
            let until = if is_last { Until::Idle } else { Until::Room(moment - piece) };
            let sent = pages.wait(until, channel, time.saturating_sub(began.elapsed()), wait)?;
            self.count_spread(channel, started);
            self.in_flight_since = (sent != Sent::All || until != Until::Idle).then(Instant::now);
            match sent {
                Sent::All if is_last => break,
                Sent::All => {}
                Sent::PeerSpoke | Sent::TimeUp => return Ok(sent),
            }
        }
        self.progress.set_remaining(0);
        self.end_window();
        Ok(Sent::All)
    }

    /// Counts what has left over the connections for pages, and the time that it took since `began`, or before.
    fn count_spread(&mut self, channel: &Channel, began: Instant) {
        let Some(pages) = &mut self.pages else { return };
        let (bytes, since) = (pages.take_sent(), self.in_flight_since.take().unwrap_or(began));
        self.progress.add_multifd(bytes);
        self.note_taken(channel);
        self.count(bytes, since.elapsed());
    }

    /// Tells how much the destination says it has read.
    fn note_taken(&self, channel: &Channel) {
        let over_others = self.pages.as_ref().map_or(0, PageSenders::bytes_taken);
        self.progress.set_taken(channel.bytes_taken() + over_others);
    }

    /// Marks the end of a round.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn end_round(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        self.send_frame(channel, Frame::RoundEnd { round: self.round }, wait)
    }

    /// Tells the peer that no page will come any more.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn end_memory(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        self.send_frame(channel, Frame::MemoryEnd, wait)
    }

    /// Begins a section of device state. If one was given up in its middle, the new one takes its place.
    pub fn begin_state(&mut self) {
        self.state_bytes = 0;
    }

    /// Sends a piece of a section of device state.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn send_state(&mut self, channel: &mut Channel, state: &[u8], wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        for chunk in state.chunks(STATE_CHUNK_BYTES_MAX as usize) {
            let payload = Payload::of(chunk);
            let header = Frame::State { offset: self.state_bytes, payload }.encode();
            let parts = &mut [Part::from(&header[..]), Part::from(chunk)];
            match self.send_parts(channel, parts, wait)? {
                Sent::All => self.state_bytes += u64::from(payload.bytes),
                other @ (Sent::PeerSpoke | Sent::TimeUp) => return Ok(other),
            }
        }
        Ok(Sent::All)
    }

    /// Ends a section of device state that was saved while the guest runs. Nothing is said of one without any bytes.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn end_state_round(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        match std::mem::take(&mut self.state_bytes) {
            0 => Ok(Sent::All),
            bytes => self.send_frame(channel, Frame::StateRoundEnd { bytes }, wait),
        }
    }

    /// Ends the device state.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn end_state(&mut self, channel: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let bytes = std::mem::take(&mut self.state_bytes);
        self.send_frame(channel, Frame::StateEnd { bytes }, wait)
    }

    /// Sleeps until the bound of the rate lets the next bytes go, or `time` is over.
    fn hold_back(
        &mut self,
        channel: &mut Channel,
        pace: Pace,
        time: Duration,
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        let began = Instant::now();
        loop {
            let left = self.bucket.wait(self.began.elapsed(), self.bound(pace));
            if left.is_zero() {
                return Ok(Sent::All);
            }
            if began.elapsed() >= time {
                return Ok(Sent::TimeUp);
            }
            let spoke = channel.pause(&wait.for_at_most(left.min(SLEEP_MAX)))? != Peek::Quiet;
            if !hear_signs(channel, wait)? {
                return Ok(Sent::PeerSpoke);
            }
            if !spoke && self.last_sent.elapsed() >= SILENCE_MAX {
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
        let sent = push(channel, parts, wait)?;
        self.progress.add_transferred(channel.bytes_sent() - before);
        self.note_taken(channel);
        self.last_sent = Instant::now();
        Ok(sent)
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
