//! The destination's connections for pages.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::inbox::Inbox;
use super::taker;
use crate::channel::{Channel, ChannelError, Peek, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Layout, Memory};
use crate::progress::Progress;
use crate::transfer::landing::Landing;

/// While the connections come to their end, the source is shown this often that this side lives.
const TICK: Duration = Duration::from_millis(100);

/// The connections over which the pages of a guest arrive, each with a thread of its own.
#[derive(Debug)]
pub struct PageReceivers {
    inbox: Arc<Inbox>,
    threads: Vec<JoinHandle<Channel>>,
    /// The count of what has arrived when this was last asked.
    seen: u64,
}

impl PageReceivers {
    /// Receives pages over `channels` from now on, in the order of their numbers. `layout` is that of `memory`; the
    /// source may be silent on each for `silence`.
    ///
    /// # Errors
    /// When the process has no thread or descriptor left.
    pub fn start(
        memory: &Memory,
        layout: &Layout,
        progress: Arc<Progress>,
        silence: Option<Duration>,
        channels: Vec<Channel>,
    ) -> Result<PageReceivers, ChannelError> {
        let failed = |error| ChannelError::refused("the connections for pages cannot be used", error);
        let mut missing = DirtyBitmap::new(layout);
        missing.set_all();
        let inbox = Inbox::new(memory, progress, missing, silence, channels.len()).map_err(failed)?;
        let inbox = Arc::new(inbox);
        // If a thread cannot be made, those that were end with this.
        let mut receivers = PageReceivers { inbox, threads: Vec::new(), seen: 0 };
        for (index, channel) in channels.into_iter().enumerate() {
            let inbox = Arc::clone(&receivers.inbox);
            let thread = thread::Builder::new().name(format!("pages {index}"));
            let thread = thread.spawn(move || taker::take(&inbox, index, channel)).map_err(failed)?;
            receivers.threads.push(thread);
        }
        Ok(receivers)
    }

    /// Returns where else in the same memory pages can arrive, for the main connection.
    pub(in crate::transfer) fn landing(&self) -> Landing {
        self.inbox.landing()
    }

    /// Whether anything has arrived since this was last asked.
    pub(in crate::transfer) fn moved(&mut self) -> bool {
        let moved = self.inbox.moved.load(Ordering::Relaxed);
        std::mem::replace(&mut self.seen, moved) != moved
    }

    /// Waits until the source says something on the main connection `main`, or closes it.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or a connection for pages broke.
    pub(in crate::transfer) fn await_main(&self, main: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let since = Instant::now();
        while self.look(Some(main), since, None, wait)? == Peek::Quiet {}
        Ok(())
    }

    /// Waits a moment for the end of a connection, and says whether the source spoke on `main`, if that is heard.
    ///
    /// # Errors
    /// When the wait is interrupted, or a connection for pages broke.
    pub(in crate::transfer) fn await_news(
        &self,
        main: Option<&mut Channel>,
        wait: &Wait<'_>,
    ) -> Result<Peek, ChannelError> {
        self.look(main, Instant::now(), Some(TICK), &wait.for_at_most(None))
    }

    /// Whether all connections have come to their end.
    ///
    /// # Errors
    /// When one broke before.
    pub(in crate::transfer) fn have_ended(&self) -> Result<bool, ChannelError> {
        self.inbox.broken.check()?;
        Ok(self.inbox.ended.load(Ordering::SeqCst) == self.threads.len())
    }

    fn look(
        &self,
        mut main: Option<&mut Channel>,
        since: Instant,
        at_most: Option<Duration>,
        wait: &Wait<'_>,
    ) -> Result<Peek, ChannelError> {
        let news = &self.inbox.news;
        // Silenced first, so that what happens from here on rings again.
        news.silence();
        let explains = self.inbox.broken.check()?;
        let peek = main.as_mut().map_or(Peek::Quiet, |main| main.peek());
        if peek == Peek::Quiet && !(at_most.is_some() && self.have_ended()?) {
            let mut sockets = vec![(news.as_fd(), PollFlags::IN)];
            sockets.extend(main.as_ref().map(|main| (main.as_fd(), PollFlags::IN)));
            wait.until_any_ready(&sockets, since, at_most.into_iter().chain(explains).min())?;
        }
        Ok(peek)
    }
}

impl Drop for PageReceivers {
    fn drop(&mut self) {
        self.inbox.over.raise();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that receives pages panicked");
            }
        }
    }
}
