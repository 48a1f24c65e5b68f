//! The destination's thread that serves page faults: it asks the source for each page, and puts the answer into memory.
//!
//! One thread does both. Handing an answer to another thread would add a switch to every fault, and the vCPU waits.

use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::arrivals::{Arrivals, Dock};
use super::ledger::Via;
use super::userfault::Fault;
use crate::bell::Bell;
use crate::channel::{Channel, ChannelError, Cutter, Interrupt, Peek, Raiser, Wait};
use crate::memory::PageRun;
use crate::transfer::{noun, read_frame};
use crate::wire::Frame;

/// A request that is not answered for this long means that the source is gone.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// The destination's connection for requests.
#[derive(Debug)]
pub(super) struct Link {
    /// Where requests are sent and answered.
    pub(super) channel: Channel,
    /// Ends the main connection, so that whoever receives there notices that this one broke.
    pub(super) main: Cutter,
    /// Is raised when this connection is not wanted any more.
    pub(super) over: Arc<Raiser>,
}

/// What the thread is to do next, as others see it.
#[derive(Debug)]
pub(super) struct Orders {
    bell: Bell,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    link: Option<Link>,
    over: Option<Arc<Raiser>>,
    quit: bool,
    broke: Option<String>,
}

impl Orders {
    /// No connection yet.
    pub(super) fn new() -> std::io::Result<Orders> {
        Ok(Orders { bell: Bell::new()?, state: Mutex::default() })
    }

    /// Lets the thread use a new connection; whoever waits for a page is asked for there.
    pub(super) fn connect(&self, link: Link) {
        let mut state = self.state();
        state.end_link();
        state.broke = None;
        state.over = Some(Arc::clone(&link.over));
        state.link = Some(link);
        self.bell.ring();
    }

    /// Takes the connection away. Faults wait from now on.
    pub(super) fn disconnect(&self) {
        self.state().end_link();
        self.bell.ring();
    }

    /// Lets the thread end.
    pub(super) fn quit(&self) {
        let mut state = self.state();
        state.end_link();
        state.quit = true;
        self.bell.ring();
    }

    /// Why the connection broke, if it did.
    pub(super) fn broke(&self) -> Option<String> {
        self.state().broke.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end_link(&mut self) {
        self.link = None;
        if let Some(over) = self.over.take() {
            over.raise();
        }
    }
}

/// Serves faults until it is told to quit.
pub(super) fn serve(arrivals: &Arrivals, orders: &Orders) {
    let mut server = Server { arrivals, orders, link: None, dock: Dock::new() };
    while server.turn() {}
}

struct Server<'a> {
    arrivals: &'a Arrivals,
    orders: &'a Orders,
    link: Option<Link>,
    dock: Dock,
}

/// What the thread was woken by.
#[derive(Clone, Copy, Debug, Default)]
struct Ready {
    orders: bool,
    faults: bool,
    answers: bool,
}

impl Server<'_> {
    /// Waits for something to do, and does it. Returns false when the thread is to end.
    fn turn(&mut self) -> bool {
        let ready = self.wait();
        if ready.orders && !self.take_orders() {
            return false;
        }
        if ready.faults {
            self.serve_faults();
        }
        if ready.answers {
            self.attempt(Server::take_answers);
        }
        self.attempt(Server::check_silence);
        true
    }

    fn wait(&self) -> Ready {
        let until = self.link.as_ref().and_then(|_| self.arrivals.ledger().oldest_ask());
        let left = until.map(|since| ANSWER_MAX.saturating_sub(since.elapsed()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        let (bell, faults) = (self.orders.bell.as_fd(), self.arrivals.userfault().as_fd());
        let link = self.link.as_ref().map(|link| link.channel.as_fd());
        let mut polled = [
            PollFd::from_borrowed_fd(bell, PollFlags::IN),
            PollFd::from_borrowed_fd(faults, PollFlags::IN),
            // Without a connection the bell stands for it, for no event.
            PollFd::from_borrowed_fd(link.unwrap_or(bell), link.map_or(PollFlags::empty(), |_| PollFlags::IN)),
        ];
        if poll(&mut polled, left.as_ref()).is_err() {
            return Ready::default();
        }
        let [orders, faults, answers] = polled.map(|fd| !fd.revents().is_empty());
        Ready { orders, faults, answers }
    }

    fn take_orders(&mut self) -> bool {
        self.orders.bell.silence();
        let mut state = self.orders.state();
        if state.quit {
            return false;
        }
        if self.link.as_ref().is_some_and(|link| link.over.is_raised()) {
            self.link = None;
        }
        let Some(link) = state.link.take() else {
            return true;
        };
        drop(state);
        self.link = Some(link);
        let waited_for = self.arrivals.ledger().ask_again();
        self.attempt(|server| server.ask(&waited_for));
        true
    }

    fn serve_faults(&mut self) {
        let faults = match self.arrivals.userfault().faults() {
            Ok(faults) => faults,
            Err(error) => return self.fail(&format!("page faults cannot be read: {error}")),
        };
        let pages: Vec<u64> = faults.iter().filter_map(|&fault| self.note(fault)).collect();
        self.attempt(|server| server.ask(&pages));
    }

    /// Takes note of a thread that waits, and returns the page that it waits for if it has to be asked for.
    fn note(&mut self, Fault { address, thread }: Fault) -> Option<u64> {
        let page = self.arrivals.guest_page(address)?;
        if self.arrivals.ledger().wait(page, thread, Instant::now()) {
            return Some(page);
        }
        if let Err(error) = self.arrivals.answer_here(page) {
            self.fail(&format!("the page at {page:#x} cannot be filled: {error}"));
        }
        None
    }

    /// Sends requests. There are never more on their way than threads that wait, so they fit into the socket's buffer,
    /// and sending them never waits for the source to read.
    fn ask(&mut self, pages: &[u64]) -> Result<(), ChannelError> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        let now = Instant::now();
        let mut requests = Vec::new();
        {
            let mut ledger = self.arrivals.ledger();
            for &page in pages.iter().filter(|&&page| ledger.ask(page, now)) {
                requests.extend(Frame::Request(PageRun { address: page, pages: 1 }).encode());
            }
        }
        if requests.is_empty() {
            return Ok(());
        }
        link.channel.write_all(&requests, &Wait::new(&*link.over, ANSWER_MAX))
    }

    fn take_answers(&mut self) -> Result<(), ChannelError> {
        let Some(link) = &mut self.link else {
            return Ok(());
        };
        let wait = Wait::new(&*link.over, ANSWER_MAX);
        loop {
            // A source that never stops talking does not hold this up.
            wait.check()?;
            match self.arrivals.ledger().oldest_ask() {
                Some(since) if since.elapsed() >= ANSWER_MAX => return Err(unanswered()),
                Some(_) | None => {}
            }
            match read_frame(&mut link.channel, &wait)? {
                Frame::Pages(run) => {
                    self.arrivals.take_pages(run, Via::Pull, &mut link.channel, &mut self.dock, &wait)?;
                }
                Frame::Zeroes(run) => self.arrivals.take_zeroes(run, Via::Pull)?,
                Frame::KeepAlive | Frame::Taken { .. } => {}
                other @ (Frame::Message { .. }
                | Frame::State { .. }
                | Frame::StateEnd { .. }
                | Frame::StateRoundEnd { .. }
                | Frame::Farewell { .. }
                | Frame::RoundEnd { .. }
                | Frame::MemoryEnd
                | Frame::Sync
                | Frame::Synced
                | Frame::Request(_)
                | Frame::Missing { .. }
                | Frame::MissingEnd { .. }) => {
                    let text = format!("the source answered a request with {}", noun(&other));
                    return Err(ChannelError::protocol(text));
                }
            }
            if !link.channel.may_hold_bytes() || link.channel.peek() == Peek::Quiet {
                return Ok(());
            }
        }
    }

    fn check_silence(&mut self) -> Result<(), ChannelError> {
        let oldest = self.link.as_ref().and_then(|_| self.arrivals.ledger().oldest_ask());
        match oldest {
            Some(since) if since.elapsed() >= ANSWER_MAX => Err(unanswered()),
            Some(_) | None => Ok(()),
        }
    }

    /// Does something with the connection, and gives it up if that fails.
    fn attempt(&mut self, work: impl FnOnce(&mut Self) -> Result<(), ChannelError>) {
        if let Err(error) = work(self) {
            self.fail(&error.to_line());
        }
    }

    fn fail(&mut self, why: &str) {
        let mut state = self.orders.state();
        if let Some(link) = self.link.take().filter(|link| !link.over.is_raised()) {
            tracing::warn!(why, "the connection for page requests is given up");
            state.broke = Some(why.to_owned());
            drop(state);
            link.main.cut();
            self.arrivals.news().ring();
        }
    }
}

fn unanswered() -> ChannelError {
    ChannelError::timed_out("the source did not answer a request", ANSWER_MAX).of_other_bound("a fixed bound")
}
