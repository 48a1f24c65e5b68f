//! A connected stream of bytes.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, Shutdown, SocketFlags, SocketType, recv, shutdown, socketpair};

use super::error::{ChannelError, ChannelErrorKind};
use super::parts::{self, Part};
use super::wait::Wait;
use crate::memory::Pages;

/// Bytes that are read ahead of what was asked for. A small frame then costs no system call of its own; a large one is
/// received in place but for its first bytes.
const AHEAD_BYTES: usize = 16 << 10;

/// A connected stream to a peer.
pub struct Channel {
    socket: OwnedFd,
    peer: String,
    ahead: Box<[u8]>,
    ahead_start: usize,
    ahead_end: usize,
    bytes_sent: u64,
    torn: bool,
}

/// What can be told of a peer without waiting for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Peek {
    /// It has said nothing that was not read.
    Quiet,
    /// It has said something.
    Spoke,
    /// It has closed the connection, or the connection broke, and all that it said was read.
    Closed,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Written {
    /// All bytes were taken.
    All,
    /// The peer spoke or hung up when the write could not go on; some bytes may have been taken.
    PeerSpoke,
}

/// What a write does when it cannot go on and the peer has something to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Heed {
    /// Go on waiting until the bytes are taken.
    Bytes,
    /// Give up and listen.
    Peer,
}

impl Channel {
    /// Two channels that are connected with each other, within this host.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn pair() -> std::io::Result<(Channel, Channel)> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (one, other) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        let peer = || "the other end of a socket pair".to_owned();
        Ok((Channel::new(one, peer()), Channel::new(other, peer())))
    }

    /// Who is at the other end, for messages to people.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// The bytes that the socket has taken.
    pub fn bytes_sent(&self) -> u64 {
        self.bytes_sent
    }

    /// Looks, without waiting, whether the peer has said something or closed the connection.
    pub fn peek(&self) -> Peek {
        if self.ahead_start < self.ahead_end {
            return Peek::Spoke;
        }
        loop {
            match recv(&self.socket, &mut [0; 1][..], RecvFlags::PEEK | RecvFlags::DONTWAIT) {
                Ok((_, 0)) => return Peek::Closed,
                Ok(_) => return Peek::Spoke,
                Err(Errno::AGAIN) => return Peek::Quiet,
                Err(Errno::INTR) => {}
                Err(_) => return Peek::Closed,
            }
        }
    }

    /// Waits until the peer has said something or closed the connection.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long.
    pub fn wait_for_peer(&self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.ahead_start == self.ahead_end {
            wait.until_ready(self.socket.as_fd(), PollFlags::IN, Instant::now())?;
        }
        Ok(())
    }

    /// Reads as many bytes as fit into `into`.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection ends before all bytes came.
    pub fn read_exact(&mut self, into: &mut [u8], wait: &Wait<'_>) -> Result<(), ChannelError> {
        let mut filled = 0;
        while filled < into.len() {
            if self.ahead_start == self.ahead_end {
                self.fill_ahead(wait)?;
            }
            filled += self.take_ahead(|ahead| {
                let count = ahead.len().min(into.len() - filled);
                into[filled..filled + count].copy_from_slice(&ahead[..count]);
                count
            });
        }
        Ok(())
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn write_all(&mut self, bytes: &[u8], wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.write_parts(&mut [Part::from(bytes)], Heed::Bytes, wait)?;
        Ok(())
    }

    /// Tells the peer that no more will come, and reads and drops what it still says until it closes too. A peer that
    /// has yet to read our last words would otherwise lose them to a reset.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long; the connection is to be dropped in any case.
    pub fn finish(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        // A connection that is broken already needs no farewell.
        if shutdown(&self.socket, Shutdown::Write).is_err() {
            return Ok(());
        }
        loop {
            self.ahead_start = self.ahead_end;
            match self.fill_ahead(wait) {
                Ok(()) => {}
                Err(error) if error.kind() == ChannelErrorKind::Closed => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads straight into guest memory until all of `pages` are filled.
    pub(crate) fn read_pages(&mut self, pages: Pages<'_>, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let mut filled = self.take_ahead(|ahead| pages.copy_from(ahead));
        while filled < pages.bytes() {
            wait.check()?;
            let rest = pages.after(filled);
            let places = &mut [rest.into(), self.ahead.as_mut().into()];
            let count = match parts::receive(self.socket.as_fd(), places) {
                Ok(0) => return Err(ChannelError::closed()),
                Ok(count) => count,
                Err(errno) => {
                    self.await_retry(errno, PollFlags::IN, "cannot receive from the peer", wait)?;
                    continue;
                }
            };
            filled += count.min(rest.bytes());
            (self.ahead_start, self.ahead_end) = (0, count.saturating_sub(rest.bytes()));
        }
        Ok(())
    }

    /// Writes all of `parts`, in order. A write that was given up before its end tears the stream: nothing can be
    /// written after it.
    pub(crate) fn write_parts(
        &mut self,
        parts: &mut [Part<'_>],
        heed: Heed,
        wait: &Wait<'_>,
    ) -> Result<Written, ChannelError> {
        if self.torn {
            return Err(ChannelError::torn());
        }
        let sent_before = self.bytes_sent;
        let written = self.try_write_parts(parts, heed, wait);
        self.torn = self.bytes_sent > sent_before && !matches!(written, Ok(Written::All));
        written
    }

    /// Waits, at most for `wait`, and says whether the peer spoke or hung up meanwhile.
    pub(crate) fn pause(&self, wait: &Wait<'_>) -> Result<Peek, ChannelError> {
        match self.wait_for_peer(wait) {
            Ok(()) => Ok(self.peek()),
            Err(error) if error.kind() == ChannelErrorKind::TimedOut => Ok(Peek::Quiet),
            Err(error) => Err(error),
        }
    }

    pub(super) fn new(socket: OwnedFd, peer: String) -> Channel {
        Channel {
            socket,
            peer,
            ahead: vec![0; AHEAD_BYTES].into_boxed_slice(),
            ahead_start: 0,
            ahead_end: 0,
            bytes_sent: 0,
            torn: false,
        }
    }

    fn try_write_parts(
        &mut self,
        mut parts: &mut [Part<'_>],
        heed: Heed,
        wait: &Wait<'_>,
    ) -> Result<Written, ChannelError> {
        let events = match heed {
            Heed::Bytes => PollFlags::OUT,
            Heed::Peer => PollFlags::OUT | PollFlags::IN,
        };
        loop {
            parts = parts::advance(parts, 0);
            if parts.is_empty() {
                return Ok(Written::All);
            }
            wait.check()?;
            match parts::send(self.socket.as_fd(), parts) {
                Ok(count) => {
                    self.bytes_sent += count as u64;
                    parts = parts::advance(parts, count);
                }
                Err(errno) => {
                    // What a peer says before it hangs up explains why it did.
                    if heed == Heed::Peer && self.peek() != Peek::Quiet {
                        return Ok(Written::PeerSpoke);
                    }
                    self.await_retry(errno, events, "cannot send to the peer", wait)?;
                }
            }
        }
    }

    /// Receives at least one byte into the empty read-ahead buffer.
    fn fill_ahead(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        loop {
            wait.check()?;
            match parts::receive(self.socket.as_fd(), &mut [self.ahead.as_mut().into()]) {
                Ok(0) => return Err(ChannelError::closed()),
                Ok(count) => {
                    (self.ahead_start, self.ahead_end) = (0, count);
                    return Ok(());
                }
                Err(errno) => {
                    self.await_retry(errno, PollFlags::IN, "cannot receive from the peer", wait)?;
                }
            }
        }
    }

    /// Gives what was read ahead to `take`, which says how many bytes it took.
    fn take_ahead(&mut self, take: impl FnOnce(&[u8]) -> usize) -> usize {
        let taken = take(&self.ahead[self.ahead_start..self.ahead_end]);
        self.ahead_start += taken;
        taken
    }

    fn await_retry(&self, errno: Errno, events: PollFlags, what: &str, wait: &Wait<'_>) -> Result<(), ChannelError> {
        match errno {
            Errno::INTR => Ok(()),
            Errno::AGAIN => wait.until_ready(self.socket.as_fd(), events, Instant::now()),
            errno => Err(ChannelError::io(what, errno)),
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Channel").field("peer", &self.peer).finish_non_exhaustive()
    }
}
