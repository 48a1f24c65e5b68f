//! Channels over TLS.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::PollFlags;

use super::error::ChannelError;
use super::port::{Kind, Port};
use super::stream::Channel;
use super::wait::Wait;
use crate::byte_stream::Stream;
use crate::tls::{TlsClient, TlsServer, TlsStream};
use crate::wire::Refusal;

const HANDSHAKE: &str = "no TLS session can be begun";

impl Channel {
    /// Takes over a TLS session. `peer` names the other end in messages to people.
    ///
    /// # Errors
    /// When its descriptor cannot be made non-blocking.
    pub fn from_tls(session: TlsStream, peer: impl Into<String>) -> io::Result<Channel> {
        rustix::io::ioctl_fionbio(session.as_fd(), true)?;
        Ok(Channel::with_port(Port::new(Kind::Tls(Box::new(session))), peer.into()))
    }

    /// Begins a TLS session over this channel, on the side of a source.
    pub(crate) fn secure_as_client(self, with: &TlsClient) -> Result<Channel, ChannelError> {
        self.secure(|below| TlsStream::client(below, with))
    }

    /// Begins a TLS session over this channel, on the side of a destination.
    pub(crate) fn secure_as_server(self, with: &TlsServer) -> Result<Channel, ChannelError> {
        self.secure(|below| TlsStream::server(below, with))
    }

    /// Waits until the handshake of a TLS session is over; there is none on other channels.
    pub(crate) fn shake_hands(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        loop {
            wait.check()?;
            let Some(session) = self.port.session() else { return Ok(()) };
            match session.handshake() {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    let room = if session.wants_write() { PollFlags::OUT } else { PollFlags::empty() };
                    wait.until_ready(session.as_fd(), PollFlags::IN | room, Instant::now())?;
                }
                Err(error) => return Err(ChannelError::broken(HANDSHAKE, error.kind(), &error.to_string())),
            }
        }
    }

    /// Judges whether the peer, if it is known by a certificate, may do what it wants to do.
    pub(crate) fn authorise(&mut self) -> Result<(), Refusal> {
        self.port.session().map_or(Ok(()), |session| session.authorise())
    }

    /// Why a connection that is no plain socket failed.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.port.trouble().map(|trouble| trouble.text.as_str())
    }

    fn secure(self, make: impl FnOnce(Box<dyn Stream>) -> io::Result<TlsStream>) -> Result<Channel, ChannelError> {
        let peer = self.peer().to_owned();
        let Some(below) = self.port.into_stream() else {
            return Err(ChannelError::protocol("the connection is encrypted already"));
        };
        let session = make(below).map_err(|error| ChannelError::refused(HANDSHAKE, error))?;
        Ok(Channel::with_port(Port::new(Kind::Tls(Box::new(session))), peer))
    }
}
