//! How long, and until whose word, an operation waits.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{ChannelError, Interrupt};

/// How often an interrupt is looked at that has no descriptor, because the process has none left.
const WITHOUT_FD: Duration = Duration::from_millis(50);

/// A peer that gives signs of life but does not do its part is given up after so many times the time that it may be
/// silent.
const PATIENCE: u32 = 10;

/// So many bytes the peer has to take in, or to send, in the time for which it may give signs of life only.
const BYTES_MIN: u64 = 1 << 20;

/// How long a peer is waited for that says how long it stands by itself.
const PEERS_BOUND: &str = "half as long again as the destination stands by: its timeout of `standing_by`, or of \
                           `postcopy_standing_by`";

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
    /// Whether the peer set it.
    is_peers: bool,
}

impl<'a> Wait<'a> {
    /// Waits until the interrupt is raised or nothing has moved for `timeout`.
    pub fn new(interrupt: &'a dyn Interrupt, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait { interrupt, timeout: timeout.into(), deadline: None }
    }

    /// Waits until the interrupt is raised or `limit` has passed since `began`, however much the peer says meanwhile.
    pub fn within(interrupt: &'a dyn Interrupt, began: Instant, limit: impl Into<Option<Duration>>) -> Wait<'a> {
        let deadline = |limit| began.checked_add(limit).map(|at| Deadline { at, limit, is_peers: false });
        Wait { interrupt, timeout: None, deadline: limit.into().and_then(deadline) }
    }

    /// The same wait with another bound on the silence of the peer.
    pub fn for_at_most(&self, timeout: impl Into<Option<Duration>>) -> Wait<'a> {
        Wait { timeout: timeout.into(), ..*self }
    }

    /// The same wait, which is over `limit` after `began` at the latest, however much the peer says meanwhile.
    pub(crate) fn ended_by(&self, began: Instant, limit: Option<Duration>) -> Wait<'a> {
        let other = Wait::within(self.interrupt, began, limit).deadline;
        let sooner = self.deadline.into_iter().chain(other).min_by_key(|deadline| deadline.at);
        Wait { deadline: sooner, ..*self }
    }

    /// The same wait, the whole of which is bounded as the peer says.
    pub(crate) fn as_the_peer_says(&self) -> Wait<'a> {
        Wait { deadline: self.deadline.map(|deadline| Deadline { is_peers: true, ..deadline }), ..*self }
    }

    /// The same wait, bounded as a whole, for something that is done when the peer has taken in or sent `bytes`.
    pub(crate) fn as_a_whole(&self, bytes: u64) -> Wait<'a> {
        let pieces = u32::try_from(bytes / BYTES_MIN).unwrap_or(u32::MAX).saturating_add(1);
        self.ended_by(Instant::now(), self.patience().map(|patience| patience.saturating_mul(pieces)))
    }

    /// Returns how long the peer may give signs of life without doing its part.
    pub(crate) fn patience(&self) -> Option<Duration> {
        patience(self.timeout?)
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
            Some(Deadline { at, limit, is_peers }) if Instant::now() >= at => {
                let late = ChannelError::late(limit);
                Err(if is_peers { late.of_other_bound(PEERS_BOUND) } else { late })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Waits until the interrupt is raised or the wait is over. Without a bound it returns at once.
    ///
    /// # Errors
    /// When the interrupt is raised.
    pub fn sleep(&self) -> Result<(), ChannelError> {
        let began = Instant::now();
        let whole = self.left(began).unwrap_or_default();
        Wait::new(self.interrupt, None).until_any_ready(&[], began, Some(whole)).map(drop)
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
        self.until_any_ready(&[(socket, events)], since, None).map(drop)
    }

    /// Waits until one of the events that each socket waits for, or its end, is seen, and returns the places of these
    /// sockets in the list. After `at_most` it returns none.
    pub(crate) fn until_any_ready(
        &self,
        sockets: &[(BorrowedFd<'_>, PollFlags)],
        since: Instant,
        at_most: Option<Duration>,
    ) -> Result<Vec<usize>, ChannelError> {
        let began = Instant::now();
        loop {
            self.check()?;
            let rest = at_most.map(|at_most| at_most.saturating_sub(began.elapsed()));
            let mut polled: Vec<PollFd<'_>> =
                sockets.iter().map(|&(socket, events)| PollFd::from_borrowed_fd(socket, events)).collect();
            let interrupt = self.interrupt.fd();
            let look = interrupt.is_none().then_some(WITHOUT_FD);
            polled.extend(interrupt.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
            let until = self.left(since).into_iter().chain(rest).chain(look).min().map(timespec);
            match poll(&mut polled, until.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(ChannelError::io("cannot wait for the peer", errno)),
            }
            if self.interrupt.is_raised() {
                return Err(ChannelError::interrupted());
            }
            let is_ready = |place: &usize| !polled[*place].revents().is_empty();
            let ready: Vec<usize> = (0..sockets.len()).filter(is_ready).collect();
            if !ready.is_empty() || at_most.is_some_and(|at_most| began.elapsed() >= at_most) {
                return Ok(ready);
            }
            if let Some(timeout) = self.timeout.filter(|&timeout| since.elapsed() >= timeout) {
                let what = "the peer gave no sign of life";
                return Err(ChannelError::timed_out(what, timeout));
            }
        }
    }
}

/// Returns how long a peer that may be silent for `silence` may give signs of life without doing its part.
pub(crate) fn patience(silence: Duration) -> Option<Duration> {
    silence.checked_mul(PATIENCE)
}

fn timespec(duration: Duration) -> Timespec {
    Timespec::try_from(duration).unwrap_or(Timespec { tv_sec: i64::MAX, tv_nsec: 0 })
}
