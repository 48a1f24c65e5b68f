//! Opens a connection to a peer.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};

use super::{Channel, ChannelError, Wait, resolve};
use crate::address::Address;

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

impl Channel {
    /// Connects to a peer that listens at `address`.
    ///
    /// # Errors
    /// When nobody listens there, or the wait is interrupted or takes too long.
    pub fn connect(address: &Address, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        wait.check()?;
        let socket = match address {
            Address::Tcp { host, port } => connect_tcp(address, host, *port, wait)?,
            Address::Unix { path } => {
                let failed = |errno| refused(address, errno);
                let name = SocketAddrUnix::new(path).map_err(failed)?;
                let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None).map_err(failed)?;
                // A listener whose queue is full answers EAGAIN and gives nothing to wait for.
                connect(&socket, &name).map_err(failed)?;
                socket
            }
        };
        Ok(Channel::new(socket, address.to_string()))
    }
}

/// Prepares a connected or accepted TCP socket: small messages leave at once.
pub(super) fn tune_tcp(socket: &OwnedFd) -> rustix::io::Result<()> {
    sockopt::set_tcp_nodelay(socket, true)
}

fn connect_tcp(address: &Address, host: &str, port: u16, wait: &Wait<'_>) -> Result<OwnedFd, ChannelError> {
    let mut last = Errno::ADDRNOTAVAIL;
    for target in resolve::resolve(host, port, wait)? {
        match connect_to(address, target, wait)? {
            Ok(socket) => return Ok(socket),
            Err(errno) => last = errno,
        }
    }
    Err(refused(address, last))
}

/// Tries one socket address: an error of the wait ends the attempt, one of the target lets the next be tried.
fn connect_to(address: &Address, target: SocketAddr, wait: &Wait<'_>) -> Result<Result<OwnedFd, Errno>, ChannelError> {
    let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, FLAGS, Some(ipproto::TCP))
        .and_then(|socket| tune_tcp(&socket).map(|()| socket))
        .map_err(|errno| refused(address, errno))?;
    match connect(&socket, &target) {
        Ok(()) => return Ok(Ok(socket)),
        Err(Errno::INPROGRESS | Errno::INTR) => {}
        Err(errno) => return Ok(Err(errno)),
    }
    wait.until_ready(socket.as_fd(), PollFlags::OUT, Instant::now())
        .map_err(|error| error.during(format!("cannot connect to `{address}`")))?;
    Ok(match sockopt::socket_error(&socket) {
        Ok(Ok(())) => Ok(socket),
        Ok(Err(errno)) | Err(errno) => Err(errno),
    })
}

fn refused(address: &Address, errno: Errno) -> ChannelError {
    ChannelError::refused(format!("cannot connect to `{address}`"), errno)
}
