//! Connections that are there already, and are handed in.

use std::io;
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair, sockopt};

use super::port::{Kind, Port};
use super::stream::Channel;
use crate::byte_stream::Stream;

impl Channel {
    /// Two channels that are connected with each other, within this host.
    ///
    /// # Errors
    /// When the process has no descriptors left.
    pub fn pair() -> io::Result<(Channel, Channel)> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let (one, other) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        let peer = || "the other end of a socket pair".to_owned();
        Ok((Channel::new(one, peer()), Channel::new(other, peer())))
    }

    /// Takes over a connected descriptor, such as a socket that an orchestrator hands to the VMM. `peer` names the other
    /// end in messages to people.
    ///
    /// # Errors
    /// When the descriptor cannot be made non-blocking.
    pub fn from_fd(fd: OwnedFd, peer: impl Into<String>) -> io::Result<Channel> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        match sockopt::socket_type(&fd) {
            Ok(SocketType::STREAM) => Ok(Channel::new(fd, peer.into())),
            Ok(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "the descriptor is a socket, but not a stream")),
            // A pipe, a terminal or a device reads and writes like a file.
            Err(_) => Ok(Channel::with_port(Port::new(Kind::Stream(Box::new(std::fs::File::from(fd)))), peer.into())),
        }
    }

    /// Takes over anything that reads, writes and can be waited for. `peer` names the other end in
    /// messages to people.
    ///
    /// # Errors
    /// When its descriptor cannot be made non-blocking.
    pub fn from_stream(stream: impl Stream + 'static, peer: impl Into<String>) -> io::Result<Channel> {
        rustix::io::ioctl_fionbio(stream.as_fd(), true)?;
        Ok(Channel::with_port(Port::new(Kind::Stream(Box::new(stream))), peer.into()))
    }
}
