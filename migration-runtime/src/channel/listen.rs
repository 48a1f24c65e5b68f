//! Waits for a peer to connect.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, acceptfrom_with, bind, getsockname, ipproto, listen,
    socket_with, sockopt,
};

use super::socket_file::SocketFile;
use super::{Channel, ChannelError, Wait, connect::tune_tcp, resolve};
use crate::address::Address;

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// How many connections wait to be accepted. When more come at once, the kernel lets them try again after a second: a
/// source is not to lose that time because somebody scans ports.
const BACKLOG: i32 = 1024;

/// After an error that passes, such as a process that has no descriptor left, the next connection is accepted this much
/// later.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Errors that are about a peer which is gone, not about the listener.
const OF_A_PEER: [Errno; 9] = [
    Errno::CONNABORTED,
    Errno::PROTO,
    Errno::NOPROTOOPT,
    Errno::NETDOWN,
    Errno::NETUNREACH,
    Errno::HOSTDOWN,
    Errno::HOSTUNREACH,
    Errno::NONET,
    Errno::PERM,
];

/// Errors that pass when something else lets go of what the process or the host lacks.
const PASSING: [Errno; 4] = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];

/// What became of an attempt to accept a peer.
pub(crate) enum Accepted {
    /// It is connected.
    Peer(Channel),
    /// Nobody waits.
    Nobody,
    /// Somebody waits, and cannot be let in yet.
    NotNow(ChannelError),
}

/// A socket on which a peer is awaited. The file of a unix socket is removed when the listener is dropped.
#[derive(Debug)]
pub struct Listener {
    socket: OwnedFd,
    address: Address,
    _file: Option<SocketFile>,
}

impl Listener {
    /// Listens at `address`. A socket file that nobody listens on any more is replaced; any other file is left alone.
    ///
    /// # Errors
    /// When the address is in use, is not one of this host, or cannot be made; and as [`Channel::connect`] when a host
    /// name is to be found.
    pub fn bind(address: &Address, wait: &Wait<'_>) -> Result<Listener, ChannelError> {
        match address {
            Address::Tcp { host, port } => bind_tcp(address, host, *port, wait),
            Address::Unix { path } => bind_unix(address, path),
        }
    }

    /// Where peers can connect, with the port that was chosen.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for the next peer. While the process has no descriptor left, peers wait outside.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or nobody can connect any more.
    pub fn accept(&self, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        let since = Instant::now();
        loop {
            wait.until_ready(self.socket.as_fd(), PollFlags::IN, since)
                .map_err(|error| error.during(format!("nobody connected to `{}`", self.address)))?;
            match self.try_accept()? {
                Accepted::Peer(channel) => return Ok(channel),
                Accepted::Nobody => {}
                Accepted::NotNow(error) => {
                    tracing::warn!(error = error.to_line(), "a connection must wait");
                    wait.for_at_most(ACCEPT_PAUSE).sleep()?;
                }
            }
        }
    }

    /// Accepts a peer that waits already.
    ///
    /// # Errors
    /// When nobody can connect any more.
    pub(crate) fn try_accept(&self) -> Result<Accepted, ChannelError> {
        loop {
            let (socket, peer) = match acceptfrom_with(&self.socket, FLAGS) {
                Ok(accepted) => accepted,
                Err(Errno::AGAIN) => return Ok(Accepted::Nobody),
                Err(Errno::INTR) => continue,
                // Linux hands on what the network said of a peer that is gone before it was accepted: accept(2).
                Err(errno) if OF_A_PEER.contains(&errno) => continue,
                Err(errno) => {
                    let error = ChannelError::refused(self.cannot_accept(), errno);
                    return if PASSING.contains(&errno) { Ok(Accepted::NotNow(error)) } else { Err(error) };
                }
            };
            let peer = match peer.map(std::net::SocketAddr::try_from) {
                Some(Ok(peer)) if tune_tcp(&socket).is_ok() => format!("tcp:{peer}"),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => self.address.to_string(),
            };
            return Ok(Accepted::Peer(Channel::new(socket, peer)));
        }
    }

    fn cannot_accept(&self) -> String {
        format!("cannot accept a connection at `{}`", self.address)
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn bind_tcp(address: &Address, host: &str, port: u16, wait: &Wait<'_>) -> Result<Listener, ChannelError> {
    let mut last = Errno::ADDRNOTAVAIL;
    for target in resolve::resolve(host, port, wait)? {
        let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let bound = socket_with(family, SocketType::STREAM, FLAGS, Some(ipproto::TCP)).and_then(|socket| {
            sockopt::set_socket_reuseaddr(&socket, true)?;
            bind(&socket, &target)?;
            listen(&socket, BACKLOG)?;
            let port = std::net::SocketAddr::try_from(getsockname(&socket)?)?.port();
            Ok((socket, port))
        });
        match bound {
            Ok((socket, port)) => {
                let address = Address::Tcp { host: host.to_owned(), port };
                return Ok(Listener { socket, address, _file: None });
            }
            Err(errno) => last = errno,
        }
    }
    Err(cannot_listen(address, last))
}

fn bind_unix(address: &Address, path: &Path) -> Result<Listener, ChannelError> {
    let failed = |errno: Errno| cannot_listen(address, errno);
    let name = SocketAddrUnix::new(path).map_err(failed)?;
    SocketFile::remove_stale(path).map_err(|error| cannot_listen(address, error))?;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None).map_err(failed)?;
    bind(&socket, &name).map_err(failed)?;
    let file = SocketFile::of(path).map_err(|error| cannot_listen(address, error))?;
    listen(&socket, BACKLOG).map_err(failed)?;
    Ok(Listener { socket, address: address.clone(), _file: Some(file) })
}

fn cannot_listen(address: &Address, error: impl Into<io::Error>) -> ChannelError {
    ChannelError::refused(format!("cannot listen at `{address}`"), error)
}
