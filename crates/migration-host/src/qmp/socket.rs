//! The sockets behind a QMP server: one that waits for clients, and one for each client.

use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::sync::{Arc, Mutex, PoisonError};

use migration_runtime::address::Address;
use migration_runtime::channel::SocketFile;
use rustix::net::{RecvFlags, SendFlags, Shutdown, SocketFlags, accept_with, recv, send, shutdown, sockopt};

/// A socket that waits for clients. The file of a Unix socket is removed with it.
#[derive(Debug)]
pub struct Listener {
    socket: OwnedFd,
    address: Address,
    file: Mutex<Option<SocketFile>>,
}

/// A connection to a client. Clones are the same connection.
#[derive(Clone, Debug)]
pub struct Stream(Arc<OwnedFd>);

impl Listener {
    /// Starts to listen. Port 0 takes a free one. A Unix socket that no process listens on any more is replaced.
    ///
    /// # Errors
    /// When the address cannot be bound, is in use, or its path is something other than a socket.
    pub fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => {
                let listener = TcpListener::bind((host.as_str(), *port))?;
                let bound = listener.local_addr()?;
                let address = Address::Tcp { host: bound.ip().to_string(), port: bound.port() };
                Ok(Self { socket: listener.into(), address, file: Mutex::default() })
            }
            Address::Unix { path } => {
                SocketFile::remove_stale(path)?;
                let listener = UnixListener::bind(path)?;
                let file = Mutex::new(Some(SocketFile::of(path)?));
                Ok(Self { socket: listener.into(), address: address.clone(), file })
            }
            other => Err(io::Error::new(io::ErrorKind::Unsupported, format!("cannot listen at `{other}`"))),
        }
    }

    /// Returns the address that clients can connect to, with the port that was taken.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Waits for the next client.
    ///
    /// # Errors
    /// When the system has no descriptor left, or the listener was shut down.
    pub fn accept(&self) -> io::Result<Stream> {
        let socket = accept_with(&self.socket, SocketFlags::CLOEXEC)?;
        if matches!(self.address, Address::Tcp { .. }) {
            // Replies are short, and clients wait for them: a delay to fill packets would only cost.
            sockopt::set_tcp_nodelay(&socket, true)?;
        }
        Ok(Stream(Arc::new(socket)))
    }

    /// Ends listening: [`accept`](Listener::accept) returns an error, and the file of a Unix socket is removed.
    pub fn shut_down(&self) {
        if let Err(error) = shutdown(&self.socket, Shutdown::Both) {
            tracing::debug!(%error, "cannot shut the QMP listener down");
        }
        self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Stream {
    /// Ends one or both directions. Has no effect when they have ended before.
    pub fn shut_down(&self, how: Shutdown) {
        if let Err(error) = shutdown(&self.0, how) {
            tracing::trace!(%error, "connection was shut down before");
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (_, count) = recv(&self.0, buffer, RecvFlags::empty())?;
        Ok(count)
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(send(&self.0, buffer, SendFlags::NOSIGNAL)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        let address = Address::Unix { path: path.clone() };
        drop(UnixListener::bind(&path).unwrap());
        let living = Listener::bind(&address).unwrap();
        assert_eq!(Listener::bind(&address).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        living.shut_down();
        assert!(!path.exists());
        std::fs::write(&path, "precious").unwrap();
        Listener::bind(&address).unwrap_err();
        drop(living);
        assert!(path.exists(), "a file that is not its own is left alone");
    }
}
