//! A connected stream of bytes.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;

use super::cutter::Cutter;
use super::error::{ChannelError, ChannelErrorKind};
use super::outgoing::Outgoing;
use super::parts::{self, Part};
use super::port::{Kind, Port};
use super::wait::Wait;
use crate::memory::Pages;

/// Bytes that are read ahead of what was asked for. A small frame then costs no system call of its own; a large one is
/// received in place but for its first bytes.
const AHEAD_BYTES: usize = 16 << 10;

/// A connected stream to a peer.
pub struct Channel {
    pub(super) port: Port,
    peer: String,
    ahead: Box<[u8]>,
    ahead_start: usize,
    ahead_end: usize,
    ended: bool,
    bytes_received: u64,
    outgoing: Outgoing,
    torn: bool,
    /// What is left of the write that tore the stream.
    pub(super) rest: Vec<u8>,
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

/// How an attempt to write ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Written {
    /// All bytes were taken.
    All,
    /// The connection takes no more now.
    Blocked,
}

impl Channel {
    /// Who is at the other end, for messages to people.
    pub fn peer(&self) -> &str {
        &self.peer
    }

    /// The bytes that the connection has taken. Many of them may still be on their way.
    pub fn bytes_sent(&self) -> u64 {
        self.outgoing.sent()
    }

    /// The bytes that were read.
    pub fn bytes_received(&self) -> u64 {
        self.bytes_received - (self.ahead_end - self.ahead_start) as u64
    }

    /// The bytes that the peer says it has read.
    pub fn bytes_taken(&self) -> u64 {
        self.outgoing.taken()
    }

    /// Looks, without waiting, whether the peer has said something or closed the connection.
    pub fn peek(&mut self) -> Peek {
        if self.ahead_start < self.ahead_end {
            return Peek::Spoke;
        }
        loop {
            return match self.receive_ahead() {
                Ok(()) => Peek::Spoke,
                Err(Errno::AGAIN) => Peek::Quiet,
                Err(Errno::INTR) => continue,
                Err(_) => Peek::Closed,
            };
        }
    }

    /// Waits until the peer has said something or closed the connection.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long.
    pub fn wait_for_peer(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if !self.may_hold_bytes() || self.peek() == Peek::Quiet {
            wait.until_ready(self.port.fd(), PollFlags::IN, Instant::now())?;
        }
        Ok(())
    }

    /// Whether something that the peer said may be in this process already, where polling the descriptor does not see it.
    pub(crate) fn may_hold_bytes(&self) -> bool {
        self.ahead_start < self.ahead_end || self.port.is_buffered()
    }

    /// Reads as many bytes as fit into `into`.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection ends before all bytes came.
    pub fn read_exact(&mut self, into: &mut [u8], wait: &Wait<'_>) -> Result<(), ChannelError> {
        let mut filled = 0;
        while filled < into.len() {
            if self.ahead_start == self.ahead_end {
                let rest = &mut into[filled..];
                if rest.len() >= AHEAD_BYTES {
                    filled += self.read_past(rest, wait)?;
                    continue;
                }
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

    /// Returns what ends this connection from another thread.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub(crate) fn cutter(&self) -> io::Result<Cutter> {
        self.port.fd().try_clone_to_owned().map(Cutter::new)
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub fn write_all(&mut self, bytes: &[u8], wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.write_parts(&mut [Part::from(bytes)], wait)
    }

    /// Tells the peer that no more will come. What it says can still be read.
    pub(crate) fn end_writing(&mut self) {
        // A connection that is broken already, or is no socket, has no such end.
        let _ = self.port.end();
    }

    /// Tells the peer that no more will come, and reads and drops what it still says until it closes too. A peer that
    /// has yet to read our last words would otherwise lose them to a reset.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long; the connection is to be dropped in any case.
    pub fn finish(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        // A connection that is broken already, or is no socket, needs no farewell.
        if self.port.flush().is_err() || !self.port.end() {
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

    /// Reads straight into guest memory, as many bytes as there are, at least one, and returns how many.
    pub(crate) fn read_some(&mut self, pages: Pages<'_>, wait: &Wait<'_>) -> Result<usize, ChannelError> {
        loop {
            wait.check()?;
            if let Some(count) = self.try_read_some(pages)? {
                return Ok(count);
            }
            wait.until_ready(self.port.fd(), PollFlags::IN, Instant::now())?;
        }
    }

    /// As [`read_some`](Channel::read_some); `None` if that would have to wait.
    ///
    /// Bytes that were read ahead are copied, all others are received in place: whoever looks first whether there are
    /// any has them read ahead.
    pub(crate) fn try_read_some(&mut self, pages: Pages<'_>) -> Result<Option<usize>, ChannelError> {
        if self.ahead_start < self.ahead_end {
            return Ok(Some(self.take_ahead(|ahead| pages.copy_from(ahead))));
        }
        loop {
            return match self.port.receive(pages, &mut self.ahead) {
                Ok((0, _)) => Err(ChannelError::closed()),
                Ok((count, ahead)) => {
                    (self.ahead_start, self.ahead_end) = (0, ahead);
                    self.note_received(count + ahead);
                    Ok(Some(count))
                }
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => Ok(None),
                Err(errno) => Err(self.failed("cannot receive from the peer", errno)),
            };
        }
    }

    /// Reads, without waiting, at most `count` bytes into `into`, and returns [`Peek::Spoke`] if there were any.
    pub(crate) fn read_now(&mut self, into: &mut Vec<u8>, count: usize) -> Peek {
        let peek = self.peek();
        if peek == Peek::Spoke {
            self.take_ahead(|ahead| {
                let ahead = &ahead[..ahead.len().min(count)];
                into.extend_from_slice(ahead);
                ahead.len()
            });
        }
        peek
    }

    /// Makes sure that the next `count` bytes are here, and returns them without reading them.
    ///
    /// # Panics
    /// When more is asked for than is ever read ahead.
    pub(crate) fn ahead(&mut self, count: usize, wait: &Wait<'_>) -> Result<&[u8], ChannelError> {
        assert!(count <= AHEAD_BYTES, "what is looked at fits into the buffer");
        while self.ahead_end - self.ahead_start < count {
            wait.check()?;
            self.ahead.copy_within(self.ahead_start..self.ahead_end, 0);
            (self.ahead_start, self.ahead_end) = (0, self.ahead_end - self.ahead_start);
            match self.port.read(&mut self.ahead[self.ahead_end..]) {
                Ok(0) => return Err(ChannelError::closed()),
                Ok(more) => {
                    self.ahead_end += more;
                    self.note_received(more);
                }
                Err(errno) => self.await_retry(errno, PollFlags::IN, "cannot receive from the peer", wait)?,
            }
        }
        Ok(&self.ahead[self.ahead_start..self.ahead_start + count])
    }

    /// Writes all of `parts`, in order. A write that was given up before its end tears the stream: nothing can be
    /// written after it, until it is finished.
    pub(crate) fn write_parts(&mut self, parts: &mut [Part<'_>], wait: &Wait<'_>) -> Result<(), ChannelError> {
        self.begin_write()?;
        wait.check()?;
        let (mut parts, wait) = (parts, wait.as_a_whole(0));
        loop {
            if self.try_write(&mut parts)? == Written::All {
                return Ok(());
            }
            if let Err(error) = wait.until_ready(self.port.fd(), PollFlags::OUT, Instant::now()) {
                self.keep_rest(parts);
                return Err(error);
            }
        }
    }

    /// Makes sure that a write can begin.
    pub(crate) fn begin_write(&self) -> Result<(), ChannelError> {
        if self.torn { Err(ChannelError::torn()) } else { Ok(()) }
    }

    /// Writes as much of `parts` as the connection takes now, and leaves the rest in it. Until the rest was written too,
    /// nothing else can be.
    pub(crate) fn try_write(&mut self, parts: &mut &mut [Part<'_>]) -> Result<Written, ChannelError> {
        loop {
            *parts = parts::advance(std::mem::take(parts), 0);
            let result = if parts.is_empty() { self.port.flush().map(|()| 0) } else { self.port.send(parts) };
            match result {
                Ok(_) if parts.is_empty() => {
                    self.torn = false;
                    return Ok(Written::All);
                }
                Ok(count) => {
                    self.outgoing.note_sent(count as u64);
                    self.torn = true;
                    *parts = parts::advance(std::mem::take(parts), count);
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Written::Blocked),
                Err(errno) => return Err(self.failed("cannot send to the peer", errno)),
            }
        }
    }

    /// Waits until the connection takes bytes again, or the peer says something. The time in which the peer acknowledges
    /// nothing counts, not the time in which the connection takes nothing.
    pub(crate) fn wait_for_room(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        let since = self.outgoing.silent_since().unwrap_or_else(Instant::now);
        wait.until_ready(self.port.fd(), PollFlags::OUT | PollFlags::IN, since)
    }

    /// Waits, at most for `wait`, and says whether the peer spoke or hung up meanwhile.
    pub(crate) fn pause(&mut self, wait: &Wait<'_>) -> Result<Peek, ChannelError> {
        let peek = self.peek();
        if peek != Peek::Quiet {
            return Ok(peek);
        }
        match self.wait_for_peer(wait) {
            Ok(()) => Ok(self.peek()),
            Err(error) if error.kind() == ChannelErrorKind::TimedOut => Ok(Peek::Quiet),
            Err(error) => Err(error),
        }
    }

    /// Waits, at most for `wait`, after a read that would have had to wait, and says whether another one is worth it.
    pub(crate) fn await_readable(&self, wait: &Wait<'_>) -> Result<bool, ChannelError> {
        match wait.until_ready(self.port.fd(), PollFlags::IN, Instant::now()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ChannelErrorKind::TimedOut => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// What was sent, and what is known of its fate.
    pub(crate) fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    pub(super) fn new(socket: OwnedFd, peer: String) -> Channel {
        Channel::with_port(Port::new(Kind::Socket(socket)), peer)
    }

    pub(super) fn with_port(port: Port, peer: String) -> Channel {
        Channel {
            port,
            peer,
            ahead: vec![0; AHEAD_BYTES].into_boxed_slice(),
            ahead_start: 0,
            ahead_end: 0,
            ended: false,
            bytes_received: 0,
            outgoing: Outgoing::new(),
            torn: false,
            rest: Vec::new(),
        }
    }

    /// Reads what there is, past the empty read-ahead buffer, and returns how many bytes: none if it was only worth waiting.
    fn read_past(&mut self, into: &mut [u8], wait: &Wait<'_>) -> Result<usize, ChannelError> {
        wait.check()?;
        match self.port.read(into) {
            Ok(0) => Err(ChannelError::closed()),
            Ok(count) => {
                self.note_received(count);
                Ok(count)
            }
            Err(errno) => {
                self.await_retry(errno, PollFlags::IN, "cannot receive from the peer", wait)?;
                Ok(0)
            }
        }
    }

    /// Receives at least one byte into the empty read-ahead buffer.
    fn fill_ahead(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        loop {
            wait.check()?;
            match self.receive_ahead() {
                Ok(()) => return Ok(()),
                Err(_) if self.ended => return Err(ChannelError::closed()),
                Err(errno) => self.await_retry(errno, PollFlags::IN, "cannot receive from the peer", wait)?,
            }
        }
    }

    /// Receives what there is into the empty read-ahead buffer. The end of the stream is an error, and noted.
    fn receive_ahead(&mut self) -> Result<(), Errno> {
        match self.port.read(&mut self.ahead)? {
            0 => {
                self.ended = true;
                Err(Errno::PIPE)
            }
            count => {
                (self.ahead_start, self.ahead_end) = (0, count);
                self.note_received(count);
                Ok(())
            }
        }
    }

    fn note_received(&mut self, count: usize) {
        self.bytes_received += count as u64;
        self.outgoing.note_sign();
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
            Errno::AGAIN => wait.until_ready(self.port.fd(), events, Instant::now()),
            errno => Err(self.failed(what, errno)),
        }
    }

    /// What a failure of the connection means.
    fn failed(&self, what: &str, errno: Errno) -> ChannelError {
        match self.port.trouble() {
            Some(trouble) => ChannelError::broken(what, trouble.kind, &trouble.text),
            None => ChannelError::io(what, errno),
        }
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.port.fd()
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Channel").field("peer", &self.peer).finish_non_exhaustive()
    }
}
