//! What a channel reads and writes through: a socket, which takes guest memory as it is, or a stream of the VMM's own.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::io::Errno;
use rustix::net::{Shutdown, shutdown};

use super::parts::{self, Part};
use crate::byte_stream::Stream;
use crate::memory::Pages;
use crate::tls::TlsStream;

/// The most bytes that are copied out of guest memory for one write to a stream.
const COPY_BYTES: usize = 64 << 10;

/// The connection of a channel.
pub(super) struct Port {
    kind: Kind,
    /// Why a stream that is no socket failed: it may have no number for that.
    trouble: Option<Trouble>,
}

/// Where bytes go.
pub(super) enum Kind {
    /// A stream socket: the kernel moves bytes between it and guest memory.
    Socket(OwnedFd),
    /// Anything else: bytes are copied.
    Stream(Box<dyn Stream>),
    /// A TLS session.
    Tls(Box<TlsStream>),
}

/// Why a stream failed.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) kind: io::ErrorKind,
    pub(super) text: String,
}

impl Port {
    pub(super) fn new(kind: Kind) -> Port {
        Port { kind, trouble: None }
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        match &self.kind {
            Kind::Socket(socket) => socket.as_fd(),
            Kind::Stream(stream) => stream.as_fd(),
            Kind::Tls(session) => session.as_fd(),
        }
    }

    /// Whether it may have read more from its descriptor than it has given out.
    pub(super) fn is_buffered(&self) -> bool {
        !matches!(self.kind, Kind::Socket(_))
    }

    /// Why it failed, if it is no socket.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// The TLS session, if it is one.
    pub(super) fn session(&mut self) -> Option<&mut TlsStream> {
        match &mut self.kind {
            Kind::Tls(session) => Some(session),
            Kind::Socket(_) | Kind::Stream(_) => None,
        }
    }

    /// What a TLS session can be made over; `None` where there is one already.
    pub(super) fn into_stream(self) -> Option<Box<dyn Stream>> {
        match self.kind {
            // Any stream socket: what it reads and sends by does not look at the family.
            Kind::Socket(socket) => Some(Box::new(UnixStream::from(socket))),
            Kind::Stream(stream) => Some(stream),
            Kind::Tls(_) => None,
        }
    }

    /// Sends as much of `parts` as is taken.
    pub(super) fn send(&mut self, parts: &[Part<'_>]) -> Result<usize, Errno> {
        let Some(first) = parts.first() else { return Ok(0) };
        match &mut self.kind {
            Kind::Socket(socket) => return parts::send(socket.as_fd(), parts),
            Kind::Stream(stream) => stream.write(&first.copy(COPY_BYTES)),
            Kind::Tls(session) => session.write(&first.copy(COPY_BYTES)),
        }
        .map_err(|error| self.failed(&error))
    }

    /// Sends what a stream has kept back.
    pub(super) fn flush(&mut self) -> Result<(), Errno> {
        match &mut self.kind {
            Kind::Socket(_) => return Ok(()),
            Kind::Stream(stream) => stream.flush(),
            Kind::Tls(session) => session.flush(),
        }
        .map_err(|error| self.failed(&error))
    }

    /// Reads what there is; 0 is the end of the stream.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Errno> {
        match &mut self.kind {
            Kind::Socket(socket) => return parts::receive(socket.as_fd(), &mut [into.into()]),
            Kind::Stream(stream) => stream.read(into),
            Kind::Tls(session) => session.read(into),
        }
        .map_err(|error| self.failed(&error))
    }

    /// Reads what there is into pages, and what comes after them into `ahead`. Returns the bytes of each; none at all is
    /// the end of the stream.
    pub(super) fn receive(&mut self, pages: Pages<'_>, ahead: &mut [u8]) -> Result<(usize, usize), Errno> {
        if let Kind::Socket(socket) = &self.kind {
            let count = parts::receive(socket.as_fd(), &mut [pages.into(), ahead.into()])?;
            return Ok((count.min(pages.bytes()), count.saturating_sub(pages.bytes())));
        }
        let bytes = pages.bytes().min(ahead.len());
        let count = self.read(&mut ahead[..bytes])?;
        Ok((pages.copy_from(&ahead[..count]), 0))
    }

    /// Tells the peer that no more will come. What it says can still be read. Returns `false` if it cannot be told.
    pub(super) fn end(&mut self) -> bool {
        if let Kind::Tls(session) = &mut self.kind {
            session.end();
            if session.wants_write() {
                return false;
            }
        }
        shutdown(self.fd(), Shutdown::Write).is_ok()
    }

    /// Notes an error. A stream that is no socket may fail with one that has no number; it then counts as broken.
    fn failed(&mut self, error: &io::Error) -> Errno {
        if error.kind() == io::ErrorKind::WouldBlock {
            return Errno::AGAIN;
        }
        if error.kind() == io::ErrorKind::Interrupted {
            return Errno::INTR;
        }
        // What failed first explains the rest.
        let trouble = || Trouble { kind: error.kind(), text: error.to_string() };
        self.trouble.get_or_insert_with(trouble);
        error.raw_os_error().map_or(Errno::PIPE, Errno::from_raw_os_error)
    }
}
