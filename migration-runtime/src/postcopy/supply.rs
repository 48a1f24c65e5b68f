//! The source's half of a post-copy: it answers requests first, and pushes the rest.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::channel::{Channel, ChannelError, Cutter, Interrupt, Part, Raiser, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::{Holes, Layout, LayoutError, Memory, PageRun};
use crate::transfer::{Batch, Sent, hear_signs, misplaced, push, read_frame};
use crate::wire::Frame;

/// A request that does not come whole, or an answer that cannot be sent, for this long means that the destination is
/// gone.
const REQUEST_MAX: Duration = Duration::from_secs(10);

/// The pages that are pushed at once just after a request, and when there was none for long. A request for a page that
/// is being pushed waits for that push only on the wire, so pushes near it are small.
const PUSH_PAGES: std::ops::RangeInclusive<u64> = 16..=256;

/// Runs of at least as many pages are looked at for holes before they are pushed.
const LOOK_PAGES_MIN: u64 = 16;

/// Keeps the memory of a guest that runs on the destination, and sends what is missing there.
#[derive(Debug)]
pub struct Supply {
    stock: Arc<Stock>,
    server: Mutex<Option<Server>>,
}

/// What the threads of a supply share.
#[derive(Debug)]
struct Stock {
    memory: Memory,
    layout: Layout,
    unsent: Mutex<DirtyBitmap>,
    /// The address after the page that was asked for last.
    near: AtomicU64,
    requests: AtomicU64,
    broke: Mutex<Option<String>>,
    /// Whether the destination has all pages.
    is_complete: AtomicBool,
}

/// The thread that answers requests on one connection.
#[derive(Debug)]
struct Server {
    over: Arc<Raiser>,
    thread: JoinHandle<()>,
}

impl Supply {
    /// The supply of a stopped guest of which these pages are missing on the destination.
    ///
    /// # Errors
    /// When the guest's memory is not one that can be moved.
    pub fn new(memory: &Memory, missing: DirtyBitmap) -> Result<Supply, LayoutError> {
        let layout = Layout::of(memory)?;
        let stock = Stock {
            memory: memory.clone(),
            layout,
            unsent: Mutex::new(missing),
            near: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            broke: Mutex::new(None),
            is_complete: AtomicBool::new(false),
        };
        Ok(Supply { stock: Arc::new(stock), server: Mutex::new(None) })
    }

    /// Answers requests on `urgent` from now on, on a thread of its own. When `urgent` breaks, the main connection `main`
    /// is cut, and the other way round: give both up together with [`disconnect`](Supply::disconnect).
    ///
    /// # Errors
    /// When the process has no thread or descriptor left.
    pub fn connect(&self, mut urgent: Channel, main: &Channel) -> Result<(), ChannelError> {
        self.disconnect();
        let failed = |error| ChannelError::io("the connection for page requests cannot be used", error);
        let (main, over) = (main.cutter().map_err(failed)?, Arc::new(Raiser::new().map_err(failed)?));
        let (stock, ends) = (Arc::clone(&self.stock), Arc::clone(&over));
        let thread = thread::Builder::new().name("postcopy-supply".to_owned());
        let thread = thread.spawn(move || stock.serve(&mut urgent, &main, &ends)).map_err(failed)?;
        *self.server() = Some(Server { over, thread });
        Ok(())
    }

    /// Notes that the destination has all pages: it asks for none any more, and may close the connection for requests.
    pub fn note_complete(&self) {
        self.stock.is_complete.store(true, Ordering::SeqCst);
    }

    /// Stops answering requests, and closes the connection for them.
    pub fn disconnect(&self) {
        if let Some(server) = self.server().take() {
            server.over.raise();
            if server.thread.join().is_err() {
                tracing::error!("the thread that answers page requests panicked");
            }
        }
        *self.stock.broke() = None;
    }

    /// Begins again with what the destination says is missing, after a recovery.
    pub fn replace(&self, missing: DirtyBitmap) {
        *self.stock.unsent() = missing;
    }

    /// Pushes what has not been sent, nearest to the last request first, and then says that this was all.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or a connection breaks. Nothing is lost by that.
    pub fn push(&self, main: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let pushed = self.try_push(main, wait);
        // The main connection is cut when the other breaks, so the reason is the other's.
        match (&pushed, wait.check(), self.stock.broke().clone()) {
            (Ok(Sent::PeerSpoke | Sent::TimeUp) | Err(_), Ok(()), Some(why)) => Err(ChannelError::protocol(why)),
            (_, _, _) => pushed,
        }
    }

    /// How many pages have not been sent since the last count of what is missing.
    pub fn unsent_pages(&self) -> u64 {
        self.stock.unsent().count()
    }

    /// How many requests were answered.
    pub fn requests(&self) -> u64 {
        self.stock.requests.load(Ordering::Relaxed)
    }

    fn try_push(&self, main: &mut Channel, wait: &Wait<'_>) -> Result<Sent, ChannelError> {
        let mut holes = Holes::new();
        let mut requests = self.requests();
        let mut pages_max = *PUSH_PAGES.end();
        loop {
            if !hear_signs(main, wait)? {
                return Ok(Sent::PeerSpoke);
            }
            let asked = self.requests();
            pages_max = if asked == requests { (2 * pages_max).min(*PUSH_PAGES.end()) } else { *PUSH_PAGES.start() };
            requests = asked;
            let near = self.stock.near.load(Ordering::Relaxed);
            let Some(run) = self.stock.unsent().take_run_from(near, pages_max) else {
                break;
            };
            let sent = Batch::of(&self.stock.memory, run, &mut holes, LOOK_PAGES_MIN).send(main, wait)?;
            if sent != Sent::All {
                return Ok(sent);
            }
        }
        let end = Frame::MemoryEnd.encode();
        push(main, &mut [Part::from(&end[..])], wait)
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Supply {
    fn drop(&mut self) {
        self.disconnect();
    }
}

impl Stock {
    /// Answers requests until the connection is not wanted any more or breaks.
    fn serve(&self, urgent: &mut Channel, main: &Cutter, over: &Raiser) {
        let (mut holes, wait) = (Holes::new(), Wait::new(over, None));
        let broke = loop {
            // A destination that never stops talking does not hold this up.
            if let Err(error) = wait.check().and_then(|()| self.answer(urgent, &mut holes, over)) {
                break error;
            }
        };
        if !over.is_raised() && !self.is_complete.load(Ordering::SeqCst) {
            tracing::warn!(why = broke.to_line(), "the connection for page requests is given up");
            *self.broke() = Some(broke.to_line());
            main.cut();
        }
    }

    fn answer(&self, urgent: &mut Channel, holes: &mut Holes, over: &Raiser) -> Result<(), ChannelError> {
        // Between requests there may be any silence.
        urgent.wait_for_peer(&Wait::new(over, None))?;
        let wait = Wait::new(over, REQUEST_MAX);
        let frame = read_frame(urgent, &wait)?;
        if matches!(frame, Frame::KeepAlive | Frame::Taken { .. }) {
            return Ok(());
        }
        let Frame::Request(run) = frame else {
            return Err(misplaced("the destination", &frame, "instead of a request"));
        };
        self.send(run, urgent, holes, &wait)
    }

    /// Sends pages, whether or not they were pushed before: that push may still be on its way.
    fn send(&self, run: PageRun, urgent: &mut Channel, holes: &mut Holes, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.layout.find(run).is_none() {
            let text = format!("the destination asked for {run}, which the guest does not have");
            return Err(ChannelError::protocol(text));
        }
        self.unsent().remove(run);
        self.near.store(run.address + run.bytes(), Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Looking for holes would cost a system call while a vCPU waits. If the answer does not arrive, the connection is gone, and a
        // recovery counts it again.
        Batch::of(&self.memory, run, holes, u64::MAX).send_all(urgent, wait)
    }

    fn unsent(&self) -> MutexGuard<'_, DirtyBitmap> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn broke(&self) -> MutexGuard<'_, Option<String>> {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use vm_memory::{GuestAddress, GuestMemoryMmap};

    use super::*;
    use crate::channel::Peek;
    use crate::memory::PAGE_BYTES;

    /// What becomes of the main connection when the destination closes the one for requests.
    fn main_after_end(is_complete: bool) -> Peek {
        let ram = GuestMemoryMmap::<()>::from_ranges(&[(GuestAddress(0), PAGE_BYTES as usize)]).unwrap();
        let memory = Memory::of(&Arc::new(ram));
        let missing = DirtyBitmap::new(&Layout::of(&memory).unwrap());
        let supply = Supply::new(&memory, missing).unwrap();
        let (urgent, peer) = Channel::pair().unwrap();
        let (mut main, _other) = Channel::pair().unwrap();
        supply.connect(urgent, &main).unwrap();
        if is_complete {
            supply.note_complete();
        }
        drop(peer);
        let began = Instant::now();
        while supply.server().as_ref().is_some_and(|server| !server.thread.is_finished()) {
            assert!(began.elapsed() < Duration::from_secs(10), "the thread does not end");
            thread::yield_now();
        }
        main.peek()
    }

    #[test]
    fn the_end_of_requests_breaks_the_main_connection_only_while_pages_are_missing() {
        assert_eq!(main_after_end(false), Peek::Closed);
        assert_eq!(main_after_end(true), Peek::Quiet);
    }
}
