//! What a channel reads and writes through: a socket, which takes guest memory as it is, or a stream of the VMM's own.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

use super::parts::{self, Part};
use crate::memory::Pages;

/// The most bytes that are copied out of guest memory for one write to a stream.
const COPY_BYTES: usize = 64 << 10;

/// A connected byte stream that a VMM brings, such as a TLS session or the end of a tunnel.
///
/// Reads and writes must not block: they fail with [`WouldBlock`](io::ErrorKind::WouldBlock) when there is nothing to
/// read or no room, and the descriptor then becomes readable or writable when it is worth trying again.
/// [`flush`](Write::flush) is called after each piece, and may fail with `WouldBlock` too.
pub trait Stream: Read + Write + AsFd + Send {}

impl<S: Read + Write + AsFd + Send> Stream for S {}

/// The connection of a channel.
pub(super) enum Port {
    /// A stream socket: the kernel moves bytes between it and guest memory.
    Socket(OwnedFd),
    /// Anything else: bytes are copied.
    Stream(Box<dyn Stream>),
}

impl Port {
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Port::Socket(socket) => socket.as_fd(),
            Port::Stream(stream) => stream.as_fd(),
        }
    }

    /// Sends as much of `parts` as is taken.
    pub(super) fn send(&mut self, parts: &[Part<'_>]) -> Result<usize, Errno> {
        match self {
            Port::Socket(socket) => parts::send(socket.as_fd(), parts),
            Port::Stream(stream) => {
                let Some(first) = parts.first() else { return Ok(0) };
                stream.write(&first.copy(COPY_BYTES)).map_err(errno)
            }
        }
    }

    /// Sends what a stream has kept back.
    pub(super) fn flush(&mut self) -> Result<(), Errno> {
        match self {
            Port::Socket(_) => Ok(()),
            Port::Stream(stream) => stream.flush().map_err(errno),
        }
    }

    /// Reads what there is; 0 is the end of the stream.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        match self {
            Port::Socket(socket) => parts::receive(socket.as_fd(), &mut [into.into()]),
            Port::Stream(stream) => stream.read(into).map_err(errno),
        }
    }

    /// Reads what there is into pages, and what comes after them into `ahead`. Returns the bytes of each; none at all is
    /// the end of the stream.
    pub(super) fn receive(&mut self, pages: Pages<'_>, ahead: &mut [u8]) -> Result<(usize, usize), Errno> {
        match self {
            Port::Socket(socket) => {
                let count = parts::receive(socket.as_fd(), &mut [pages.into(), ahead.into()])?;
                Ok((count.min(pages.bytes()), count.saturating_sub(pages.bytes())))
            }
            Port::Stream(stream) => {
                let bytes = pages.bytes().min(ahead.len());
                let count = stream.read(&mut ahead[..bytes]).map_err(errno)?;
                Ok((pages.copy_from(&ahead[..count]), 0))
            }
        }
    }
}

/// A stream that is no socket may fail with an error that has no number; it then counts as broken.
fn errno(error: io::Error) -> Errno {
    if error.kind() == io::ErrorKind::WouldBlock {
        return Errno::AGAIN;
    }
    if error.kind() == io::ErrorKind::Interrupted {
        return Errno::INTR;
    }
    tracing::debug!(%error, "the stream of the VMM failed");
    error.raw_os_error().map_or(Errno::PIPE, Errno::from_raw_os_error)
}
