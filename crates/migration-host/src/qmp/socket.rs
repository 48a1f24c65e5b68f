//! Where QMP is served: `unix:PATH` or `tcp:HOST:PORT`, and the sockets behind it.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket in the file system.
    Unix(PathBuf),
    /// Host and port, as in `localhost:4444` or `[::1]:4444`. Port 0 takes a free one.
    Tcp(String),
}

/// A socket that waits for clients.
#[derive(Debug)]
pub enum Listener {
    /// At a path.
    Unix(UnixListener, PathBuf),
    /// At a port.
    Tcp(TcpListener),
}

/// A connection to a client.
#[derive(Debug)]
pub enum Stream {
    /// Through the file system.
    Unix(UnixStream),
    /// Through the network.
    Tcp(TcpStream),
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("unix", "")) => Err("a path must follow `unix:`".to_owned()),
            Some(("unix", path)) => Ok(Endpoint::Unix(path.into())),
            Some(("tcp", address)) => match address.rsplit_once(':') {
                Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                    Ok(Endpoint::Tcp(address.to_owned()))
                }
                _ => Err("`tcp:` must be followed by HOST:PORT, such as `tcp:127.0.0.1:4444`".to_owned()),
            },
            _ => Err("must be `unix:PATH` or `tcp:HOST:PORT`".to_owned()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix:{}", path.display()),
            Endpoint::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

impl Endpoint {
    /// Starts to listen. A Unix socket that was left behind by a process that is gone is replaced.
    ///
    /// # Errors
    /// When the address cannot be bound, is in use, or its path is something other than a socket.
    pub fn listen(&self) -> io::Result<Listener> {
        match self {
            Endpoint::Unix(path) => {
                remove_stale(path)?;
                UnixListener::bind(path).map(|listener| Listener::Unix(listener, path.clone()))
            }
            Endpoint::Tcp(address) => TcpListener::bind(address).map(Listener::Tcp),
        }
    }
}

/// Removes the socket at `path` if nobody listens on it.
fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => match UnixStream::connect(path) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
            Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens there")),
            Err(error) => Err(error),
        },
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "the file there is not a socket")),
        Err(_) => Ok(()),
    }
}

impl Listener {
    /// The address that clients can connect to, with the port that was taken.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        match self {
            Listener::Unix(_, path) => Endpoint::Unix(path.clone()),
            Listener::Tcp(listener) => {
                Endpoint::Tcp(listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string()))
            }
        }
    }

    /// Waits for the next client.
    ///
    /// # Errors
    /// As the system says.
    pub fn accept(&self) -> io::Result<Stream> {
        match self {
            Listener::Unix(listener, _) => listener.accept().map(|(stream, _)| Stream::Unix(stream)),
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept()?;
                // Replies are short and awaited: not worth a delay to fill packets.
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
        }
    }

    /// Ends listening: whoever waits in [`accept`](Listener::accept) returns with an error, and the file of a Unix
    /// socket is removed.
    pub fn shut_down(&self) {
        let result = match self {
            Listener::Unix(listener, _) => rustix::net::shutdown(listener, rustix::net::Shutdown::Both),
            Listener::Tcp(listener) => rustix::net::shutdown(listener, rustix::net::Shutdown::Both),
        };
        if let Err(error) = result {
            tracing::debug!(%error, "cannot shut the QMP listener down");
        }
        if let Listener::Unix(_, path) = self
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::debug!(path = %path.display(), %error, "cannot remove the QMP socket");
        }
    }
}

impl Stream {
    /// A second handle of the same connection.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn try_clone(&self) -> io::Result<Stream> {
        match self {
            Stream::Unix(stream) => stream.try_clone().map(Stream::Unix),
            Stream::Tcp(stream) => stream.try_clone().map(Stream::Tcp),
        }
    }

    /// Ends one or both directions, for all handles. It may have been ended before.
    pub fn shut_down(&self, how: Shutdown) {
        let result = match self {
            Stream::Unix(stream) => stream.shutdown(how),
            Stream::Tcp(stream) => stream.shutdown(how),
        };
        if let Err(error) = result {
            tracing::trace!(%error, "connection was shut down before");
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.read(buffer),
            Stream::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Unix(stream) => stream.write(buffer),
            Stream::Tcp(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_and_print_alike() {
        for good in ["unix:/tmp/a.sock", "tcp:127.0.0.1:4444", "tcp:[::1]:0"] {
            assert_eq!(good.parse::<Endpoint>().unwrap().to_string(), good);
        }
        for bad in ["", "unix:", "tcp:localhost", "tcp::1", "tcp:a:b", "tcp:a:99999", "http://x"] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_living_one_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        drop(UnixListener::bind(&path).unwrap());
        let living = Endpoint::Unix(path.clone()).listen().unwrap();
        let error = Endpoint::Unix(path.clone()).listen().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        living.shut_down();
        assert!(!path.exists());
        std::fs::write(&path, "precious").unwrap();
        assert_eq!(Endpoint::Unix(path).listen().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
