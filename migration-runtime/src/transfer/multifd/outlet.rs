//! The source's connections for pages.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::carrier;
use super::outbox::Outbox;
use super::queue::Queue;
use super::share::{connection_of, split};
use crate::channel::{Channel, ChannelError, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Memory, PAGE_BYTES, PageRun};
use crate::progress::Progress;
use crate::transfer::flow::{Sent, hear_signs};
use crate::transfer::message::send_keep_alive;
use crate::wire::FRAME_PAGES_MAX;

/// The main connection, on which nothing else goes meanwhile, gives a sign of life this often.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// The connections over which the pages of a guest leave, each with a thread of its own.
#[derive(Debug)]
pub struct PageSenders {
    outbox: Arc<Outbox>,
    lines: Vec<Line>,
    /// Pages that were taken out of a bitmap and for which their connection had no room.
    pending: Option<PageRun>,
    last_sign: Instant,
    /// The bytes that the caller has been told of.
    told: u64,
}

#[derive(Debug)]
struct Line {
    queue: Arc<Queue>,
    thread: JoinHandle<Channel>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::transfer) enum Until {
    /// The next pages can be taken: their connection has room, and at most so many are on their way over all of them.
    Room(u64),
    /// All pages have left, and all questions were answered.
    Idle,
    /// The end of the memory has left on every connection.
    Ended,
}

impl PageSenders {
    /// Sends pages of `memory` over `channels` from now on, in the order of their numbers. The destination may be silent
    /// on each for `silence`.
    ///
    /// # Errors
    /// When the process has no thread or descriptor left.
    ///
    /// # Panics
    /// When there are no channels.
    pub fn start(
        memory: &Memory,
        progress: Arc<Progress>,
        silence: Option<Duration>,
        channels: Vec<Channel>,
    ) -> Result<PageSenders, ChannelError> {
        assert!(!channels.is_empty(), "pages go over something");
        let failed = |error| ChannelError::refused("the connections for pages cannot be used", error);
        let outbox = Arc::new(Outbox::new(memory, progress, silence).map_err(failed)?);
        let (lines, last_sign) = (Vec::new(), Instant::now());
        // If a thread cannot be made, those that were end with this.
        let mut senders = PageSenders { outbox, lines, pending: None, last_sign, told: 0 };
        for (index, channel) in channels.into_iter().enumerate() {
            let queue = Arc::new(Queue::new().map_err(failed)?);
            let (outbox, jobs) = (Arc::clone(&senders.outbox), Arc::clone(&queue));
            let thread = thread::Builder::new().name(format!("pages {index}"));
            let thread = thread.spawn(move || carrier::carry(&outbox, index, &jobs, channel)).map_err(failed)?;
            senders.lines.push(Line { queue, thread });
        }
        Ok(senders)
    }

    /// Sends nothing more, in the middle of a frame if need be. The connections stay open until this is dropped.
    pub fn halt(&self) {
        self.outbox.over.raise();
    }

    /// Says whether the connections are well.
    ///
    /// # Errors
    /// When one is broken.
    pub fn check(&self) -> Result<(), ChannelError> {
        self.outbox.broken.check().map(drop)
    }

    /// Puts pages that have not been sent back into the bitmap that they were taken from.
    pub fn give_back(&mut self, dirty: &mut DirtyBitmap) {
        if let Some(run) = self.pending.take() {
            for page in 0..run.pages {
                dirty.set(run.address + page * PAGE_BYTES);
            }
        }
        self.lines.iter().for_each(|line| line.queue.give_back(dirty));
    }

    /// Takes pages out of `dirty`, at most `pages_max`, as long as their connections have room for them.
    pub(in crate::transfer) fn hand_out(&mut self, dirty: &mut DirtyBitmap, pages_max: u64, look_pages_min: u64) {
        let mut left = pages_max;
        while left > 0 {
            let Some(run) = self.pending.take().or_else(|| dirty.take_run(FRAME_PAGES_MAX.min(left))) else { return };
            if !self.queue_of(run).has_room() {
                self.pending = Some(run);
                return;
            }
            left = left.saturating_sub(run.pages);
            self.push(run, look_pages_min);
        }
    }

    /// Whether pages were taken out of a bitmap that no connection has.
    pub(in crate::transfer) fn has_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Returns how many pages the connections have that may not have left yet.
    pub(in crate::transfer) fn on_their_way(&self) -> u64 {
        self.lines.iter().map(|line| line.queue.on_their_way()).sum()
    }

    /// Asks on every connection whether everything has arrived.
    pub(in crate::transfer) fn ask(&self) {
        self.lines.iter().for_each(|line| line.queue.ask());
    }

    /// Ends the memory on every connection.
    pub(in crate::transfer) fn end(&mut self) {
        if let Some(run) = self.pending.take() {
            self.push(run, 1);
        }
        self.lines.iter().for_each(|line| line.queue.end());
    }

    /// Waits until the connections have come this far, for `time` at most, with signs of life on the main connection.
    ///
    /// # Errors
    /// When the wait is interrupted, or a connection breaks or takes nothing in for too long.
    pub(in crate::transfer) fn wait(
        &mut self,
        until: Until,
        main: &mut Channel,
        time: Duration,
        wait: &Wait<'_>,
    ) -> Result<Sent, ChannelError> {
        let began = Instant::now();
        self.outbox.set_silence(wait.silence_max());
        loop {
            // Silenced first, so that what happens from here on rings again.
            self.outbox.news.silence();
            wait.check()?;
            let explains = self.outbox.broken.check()?;
            if !hear_signs(main, wait)? {
                return Ok(Sent::PeerSpoke);
            }
            if self.last_sign.elapsed() >= SIGN_OF_LIFE {
                send_keep_alive(main, wait)?;
                self.last_sign = Instant::now();
            }
            if self.is_at(until) {
                return Ok(Sent::All);
            }
            let left = time.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(Sent::TimeUp);
            }
            let at_most = explains.into_iter().fold(left.min(SIGN_OF_LIFE), Duration::min);
            let sockets = [(main.as_fd(), PollFlags::IN), (self.outbox.news.as_fd(), PollFlags::IN)];
            wait.for_at_most(None).until_any_ready(&sockets, Instant::now(), Some(at_most))?;
        }
    }

    /// Returns the bytes that have left since this was last asked.
    pub(in crate::transfer) fn take_sent(&mut self) -> u64 {
        let sent = self.outbox.sent.load(Ordering::Relaxed);
        sent - std::mem::replace(&mut self.told, sent)
    }

    /// Returns the bytes that the destination says it has read.
    pub(in crate::transfer) fn bytes_taken(&self) -> u64 {
        self.outbox.taken.load(Ordering::Relaxed)
    }

    fn is_at(&self, until: Until) -> bool {
        match until {
            Until::Room(pages_max) => {
                // Noted first, so that what leaves from here on is told.
                self.outbox.tells_each.store(true, Ordering::SeqCst);
                let few = self.on_their_way() <= pages_max;
                self.outbox.tells_each.store(!few, Ordering::SeqCst);
                few && self.pending.is_none_or(|run| self.queue_of(run).await_room())
            }
            Until::Idle => self.lines.iter().all(|line| line.queue.is_idle()),
            Until::Ended => self.lines.iter().all(|line| line.queue.has_ended()),
        }
    }

    fn push(&self, run: PageRun, look_pages_min: u64) {
        let mut left = Some(run);
        while let Some(run) = left {
            let (piece, rest) = split(run);
            self.queue_of(piece).push(piece, look_pages_min);
            left = rest;
        }
    }

    fn queue_of(&self, run: PageRun) -> &Queue {
        &self.lines[connection_of(run.address, self.lines.len())].queue
    }
}

impl Drop for PageSenders {
    fn drop(&mut self) {
        self.halt();
        for line in self.lines.drain(..) {
            if line.thread.join().is_err() {
                tracing::error!("a thread that sends pages panicked");
            }
        }
    }
}
