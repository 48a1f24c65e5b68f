//! Waits for a peer to connect.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, acceptfrom_with, bind, connect, getsockname, ipproto,
    listen, socket_with, sockopt,
};

use super::{Channel, ChannelError, Wait, connect::tune_tcp, resolve};
use crate::address::Address;

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

/// How many connections wait to be accepted. When more come at once, the kernel lets them try again after a second: a
/// source is not to lose that time because somebody scans ports.
const BACKLOG: i32 = 64;

/// A socket on which a peer is awaited. The file of a unix socket is removed when the listener is dropped.
#[derive(Debug)]
pub struct Listener {
    socket: OwnedFd,
    address: Address,
    _file: Option<SocketFile>,
}

/// The file that a unix listener made.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
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

    /// Waits for the next peer.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long.
    pub fn accept(&self, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        let since = Instant::now();
        loop {
            wait.until_ready(self.socket.as_fd(), PollFlags::IN, since)
                .map_err(|error| error.during(format!("nobody connected to `{}`", self.address)))?;
            let (socket, peer) = match acceptfrom_with(&self.socket, FLAGS) {
                Ok(accepted) => accepted,
                // The peer was gone before it was accepted.
                Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => continue,
                Err(errno) => {
                    let what = format!("cannot accept a connection at `{}`", self.address);
                    return Err(ChannelError::refused(what, errno));
                }
            };
            let peer = match peer.map(std::net::SocketAddr::try_from) {
                Some(Ok(peer)) if tune_tcp(&socket).is_ok() => format!("tcp:{peer}"),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => self.address.to_string(),
            };
            return Ok(Channel::new(socket, peer));
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Another process may have replaced the file since; then it is not ours to remove.
        let ours =
            fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == (self.device, self.inode));
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the socket");
        }
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
    remove_stale(path, &name).map_err(|error| cannot_listen(address, error))?;
    let new_socket = || socket_with(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None);
    let socket = new_socket().map_err(failed)?;
    bind(&socket, &name).map_err(failed)?;
    let made = fs::symlink_metadata(path).map_err(|error| cannot_listen(address, error))?;
    let file = SocketFile { path: path.to_owned(), device: made.dev(), inode: made.ino() };
    listen(&socket, BACKLOG).map_err(failed)?;
    Ok(Listener { socket, address: address.clone(), _file: Some(file) })
}

/// Removes the file of a socket that nobody listens on.
fn remove_stale(path: &Path, name: &SocketAddrUnix) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(file) if !file.file_type().is_socket() => {
            return Err(io::Error::other("a file that is not a socket is in the way"));
        }
        Ok(_) => {}
    }
    let probe = socket_with(AddressFamily::UNIX, SocketType::STREAM, FLAGS, None)?;
    match connect(&probe, name) {
        Err(Errno::CONNREFUSED) => fs::remove_file(path),
        Ok(()) | Err(Errno::AGAIN) => Err(Errno::ADDRINUSE.into()),
        Err(errno) => Err(errno.into()),
    }
}

fn cannot_listen(address: &Address, error: impl Into<io::Error>) -> ChannelError {
    ChannelError::refused(format!("cannot listen at `{address}`"), error)
}
