//! The destination's half of a post-copy.

use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::arrivals::{Arrivals, Dock};
use super::faults::{Link, Orders, serve};
use super::ledger::Via;
use super::userfault::Userfault;
use super::{Figures, PostcopyError};
use crate::channel::{Channel, ChannelError, Raiser, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::Memory;
use crate::transfer::{Acknowledged, misplaced, read_frame};
use crate::wire::Frame;

/// Fetches the missing pages of a guest that runs, or is about to.
///
/// [Ending](Fetch::end) or dropping it ends the watch over the memory, and then whoever waits for a page that is missing
/// gets zeroes: do so when every page is here, or when the guest is lost and has been told to stop.
#[derive(Debug)]
pub struct Fetch {
    arrivals: Arc<Arrivals>,
    orders: Arc<Orders>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Fetch {
    /// Says whether this host can do post-copy at all, without beginning one.
    ///
    /// # Errors
    /// When it cannot: the error says what the operator can do about it.
    pub fn check_host() -> Result<(), PostcopyError> {
        Userfault::open().map(drop)
    }

    /// Drops whatever the missing pages hold, and from now on lets everybody wait who touches one of them. Nobody may
    /// touch the memory meanwhile: the guest is stopped.
    ///
    /// Until the post-copy is over, nothing may unmap, move or `fork` the memory. Pages that the guest gives back, by a
    /// balloon say, read as zeroes afterwards.
    ///
    /// # Errors
    /// When userfaultfd cannot be had, or cannot watch this memory. Pages may be lost then: the guest cannot run here.
    ///
    /// # Panics
    /// When the bitmap is of another memory.
    pub fn begin(memory: &Memory, missing: DirtyBitmap) -> Result<Fetch, PostcopyError> {
        let arrivals = Arc::new(Arrivals::new(memory, missing)?);
        let orders = Arc::new(Orders::new().map_err(PostcopyError::Process)?);
        let thread = thread::Builder::new().name("postcopy-fault".to_owned()).spawn({
            let (arrivals, orders) = (Arc::clone(&arrivals), Arc::clone(&orders));
            move || serve(&arrivals, &orders)
        });
        let thread = Mutex::new(Some(thread.map_err(PostcopyError::Process)?));
        Ok(Fetch { arrivals, orders, thread })
    }

    /// Asks for pages on `urgent` from now on, beside the main connection `main`. When `urgent` breaks, `main` is cut.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn connect(&self, urgent: Channel, main: &Channel) -> Result<(), ChannelError> {
        let failed = |error| ChannelError::io("the connection for page requests cannot be used", error);
        let (main, over) = (main.cutter().map_err(failed)?, Arc::new(Raiser::new().map_err(failed)?));
        self.orders.connect(Link { channel: urgent, main, over });
        Ok(())
    }

    /// Stops asking: whoever touches a missing page waits until the next [`connect`](Fetch::connect).
    pub fn disconnect(&self) {
        self.orders.disconnect();
    }

    /// Receives what the source pushes on the main connection, until every page is here.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, a connection breaks, or the source sends what it may not send. The
    /// guest loses nothing by that: what is missing can be fetched on other connections.
    pub fn receive(&self, main: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let received = self.try_receive(main, wait);
        // The main connection is cut when the other breaks, so the reason is the other's.
        received.map_err(|error| match (wait.check(), self.orders.broke()) {
            (Ok(()), Some(why)) => ChannelError::protocol(why),
            (_, _) => error,
        })
    }

    /// Returns what is missing, for the source of a recovery: on the next main connection it may send each of these pages
    /// once.
    pub fn recount(&self) -> DirtyBitmap {
        self.arrivals.ledger().owe_again()
    }

    /// How many pages are missing.
    pub fn missing_pages(&self) -> u64 {
        self.arrivals.ledger().missing().count()
    }

    /// Whether every page is here.
    pub fn is_whole(&self) -> bool {
        self.arrivals.is_whole()
    }

    /// How long the thread that waits longest now has waited for a page.
    pub fn longest_wait(&self) -> Option<Duration> {
        self.arrivals.ledger().longest_wait(Instant::now())
    }

    /// What it has cost so far.
    pub fn figures(&self) -> Figures {
        self.arrivals.figures()
    }

    /// Why the connection on which pages are asked for broke, if it did.
    pub(crate) fn broke(&self) -> Option<String> {
        self.orders.broke()
    }

    /// Whether the connection on which pages are asked for broke.
    pub fn is_broken(&self) -> bool {
        self.broke().is_some()
    }

    /// Whether the watch over the memory was ended.
    pub fn is_ended(&self) -> bool {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Ends the watch over the memory: whoever waits for a page that is missing gets zeroes.
    pub fn end(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        self.orders.quit();
        if thread.join().is_err() {
            tracing::error!("the thread that serves page faults panicked");
        }
        self.arrivals.release();
    }

    fn try_receive(&self, main: &mut Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let (mut dock, mut acknowledged, mut last) = (Dock::new(), Acknowledged::new(), Instant::now());
        loop {
            wait.check()?;
            if let Some(patience) = wait.patience().filter(|patience| last.elapsed() >= *patience) {
                return Err(ChannelError::stalled("the source sent no pages", patience));
            }
            acknowledged.await_more(main, wait)?;
            match read_frame(main, wait)? {
                Frame::Pages(run) => {
                    self.arrivals.take_pages(run, Via::Push, main, &mut dock, wait)?;
                    last = Instant::now();
                }
                Frame::Zeroes(run) => {
                    self.arrivals.take_zeroes(run, Via::Push)?;
                    last = Instant::now();
                }
                Frame::KeepAlive => {}
                Frame::MemoryEnd => {
                    acknowledged.show_life(main, wait)?;
                    return self.await_answers(wait);
                }
                other @ (Frame::Message { .. }
                | Frame::State { .. }
                | Frame::StateEnd { .. }
                | Frame::StateRoundEnd { .. }
                | Frame::Farewell { .. }
                | Frame::RoundEnd { .. }
                | Frame::Taken { .. }
                | Frame::Sync
                | Frame::Synced
                | Frame::Request(_)
                | Frame::Missing { .. }
                | Frame::MissingEnd { .. }) => return Err(misplaced("the source", &other, "instead of pages")),
            }
        }
    }

    /// Waits for the pages that were asked for: all others are here.
    fn await_answers(&self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        match self.arrivals.ledger().unasked() {
            0 => {}
            1 => return Err(ChannelError::protocol("the memory ended before one of its pages came")),
            unasked => {
                return Err(ChannelError::protocol(format!("the memory ended before {unasked} of its pages came")));
            }
        }
        let (since, news) = (Instant::now(), self.arrivals.news());
        loop {
            // Silenced first, so that what happens from here on rings again.
            news.silence();
            if self.is_whole() {
                return Ok(());
            }
            if let Some(why) = self.orders.broke() {
                return Err(ChannelError::protocol(why));
            }
            wait.until_ready(news.as_fd(), PollFlags::IN, since)?;
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.end();
    }
}
