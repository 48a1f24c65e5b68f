//! How long, and until whose word, an operation waits.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{ChannelError, Interrupt};

/// How often an interrupt without a descriptor is looked at.
const WITHOUT_FD: Duration = Duration::from_millis(50);

/// The bounds of every wait of an operation: on the silence of the peer, and on the whole of it.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    interrupt: &'a dyn Interrupt,
    timeout: Option<Duration>,
    deadline: Option<Deadline>,
}

/// The end of a wait, whatever the peer does, and how long the wait was to last in all.
#[derive(Clone, Copy)]
struct Deadline {
    at: Instant,
    limit: Duration,
}

impl<'a> Wait<'a> {
    /// Waits until the interrupt is raised or nothing has moved for `timeout`.
    pub fn new(interrupt: &'a dyn Interrupt, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait { interrupt, timeout: timeout.into(), deadline: None }
    }

    /// Waits until the interrupt is raised or `limit` has passed since `began`, however much the peer says meanwhile.
    pub fn within(interrupt: &'a dyn Interrupt, began: Instant, limit: impl Into<Option<Duration>>) -> Wait<'a> {
        let deadline = |limit| began.checked_add(limit).map(|at| Deadline { at, limit });
        Wait { interrupt, timeout: None, deadline: limit.into().and_then(deadline) }
    }

    /// The same wait with another bound on the silence of the peer.
    pub fn for_at_most(&self, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait { timeout: timeout.into(), ..*self }
    }

    /// Returns how long the peer may be silent.
    pub(crate) fn silence_max(&self) -> Option<Duration> {
        self.timeout
    }

    /// Says whether the operation is to go on.
    ///
    /// # Errors
    /// When the interrupt is raised, or the whole of the wait took too long.
    pub fn check(&self) -> Result<(), ChannelError> {
        if self.interrupt.is_raised() {
            return Err(ChannelError::interrupted());
        }
        match self.deadline {
            Some(Deadline { at, limit }) if Instant::now() >= at => Err(ChannelError::late(limit)),
            Some(_) | None => Ok(()),
        }
    }

    /// Waits until the interrupt is raised or the wait is over. Without a bound it returns at once.
    ///
    /// # Errors
    /// When the interrupt is raised.
    pub fn sleep(&self) -> Result<(), ChannelError> {
        let began = Instant::now();
        loop {
            if self.interrupt.is_raised() {
                return Err(ChannelError::interrupted());
            }
            let Some(left) = self.left(began).filter(|left| !left.is_zero()) else { return Ok(()) };
            match self.interrupt.fd() {
                Some(fd) => {
                    let mut polled = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
                    match poll(&mut polled, Some(&timespec(left))) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(errno) => return Err(ChannelError::io("cannot wait", errno)),
                    }
                }
                // The process has no descriptor left.
                None => std::thread::sleep(left.min(WITHOUT_FD)),
            }
        }
    }

    /// How much of the wait is left, where the peer was last heard `since` then.
    fn left(&self, since: Instant) -> Option<Duration> {
        let silence = self.timeout.map(|timeout| timeout.saturating_sub(since.elapsed()));
        let whole = self.deadline.map(|deadline| deadline.at.saturating_duration_since(Instant::now()));
        silence.into_iter().chain(whole).min()
    }

    /// Waits until one of `events`, or the end of the connection, is seen on `socket`. `since` is when something last
    /// moved.
    pub(crate) fn until_ready(
        &self,
        socket: BorrowedFd<'_>,
        events: PollFlags,
        since: Instant,
    ) -> Result<(), ChannelError> {
        loop {
            self.check()?;
            let until = self.left(since).map(timespec);
            // Without a descriptor the socket stands for it, for no event.
            let interrupt = match self.interrupt.fd() {
                Some(fd) => PollFd::from_borrowed_fd(fd, PollFlags::IN),
                None => PollFd::from_borrowed_fd(socket, PollFlags::empty()),
            };
            let mut polled = [PollFd::from_borrowed_fd(socket, events), interrupt];
            match poll(&mut polled, until.as_ref()) {
                Ok(_) if polled[1].revents().contains(PollFlags::IN) => {
                    return Err(ChannelError::interrupted());
                }
                Ok(_) if !polled[0].revents().is_empty() => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(ChannelError::io("cannot wait for the peer", errno)),
            }
            if let Some(timeout) = self.timeout.filter(|&timeout| since.elapsed() >= timeout) {
                let what = "the peer gave no sign of life";
                return Err(ChannelError::timed_out(what, timeout));
            }
        }
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
}
