//! How long, and until whose word, an operation waits.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{ChannelError, Interrupt};

/// The bounds of every wait of an operation.
#[derive(Clone, Copy)]
pub struct Wait<'a> {
    interrupt: &'a dyn Interrupt,
    timeout: Option<Duration>,
}

impl<'a> Wait<'a> {
    /// Waits until the interrupt is raised or nothing has moved for `timeout`.
    pub fn new(interrupt: &'a dyn Interrupt, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait { interrupt, timeout: timeout.into() }
    }

    /// The same interrupt with another timeout.
    pub fn for_at_most(&self, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait::new(self.interrupt, timeout)
    }

    /// Returns how long the peer may be silent.
    pub(crate) fn silence_max(&self) -> Option<Duration> {
        self.timeout
    }

    /// Says whether the operation is to go on.
    ///
    /// # Errors
    /// When the interrupt is raised.
    pub fn check(&self) -> Result<(), ChannelError> {
        if self.interrupt.is_raised() {
            return Err(ChannelError::interrupted());
        }
        Ok(())
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
            let left = self.timeout.map(|timeout| timeout.saturating_sub(since.elapsed()));
            let until = left.map(|left| Timespec::try_from(left).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 }));
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
