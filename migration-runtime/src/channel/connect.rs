//! Opens a connection to a peer.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};

use super::{Channel, ChannelError, Wait, resolve};
use crate::address::Address;

/// After this long without an answer from one address of a host, the next is tried beside it (RFC 8305 recommends it).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

const FLAGS: SocketFlags = SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK);

impl Channel {
    /// Connects to a peer that listens at `address`.
    ///
    /// # Errors
    /// When nobody listens there, or the wait is interrupted or takes too long.
    pub fn connect(address: &Address, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        wait.check()?;
        let socket = match address {
            Address::Tcp { host, port } => connect_any(address, resolve::resolve(host, *port, wait)?, wait)?,
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

/// Connects to the first address of the host that answers. An address that is silent does not keep the others waiting.
fn connect_any(address: &Address, targets: Vec<SocketAddr>, wait: &Wait<'_>) -> Result<OwnedFd, ChannelError> {
    let mut last = Errno::ADDRNOTAVAIL;
    let mut targets = targets.into_iter();
    let mut begun: Vec<OwnedFd> = Vec::new();
    let since = Instant::now();
    loop {
        let next = targets.next();
        match next.map(begin) {
            Some(Ok(Begun::Connected(socket))) => return Ok(socket),
            Some(Ok(Begun::InProgress(socket))) => begun.push(socket),
            Some(Err(errno)) => {
                last = errno;
                continue;
            }
            None if begun.is_empty() => return Err(refused(address, last)),
            None => {}
        }
        let sockets: Vec<_> = begun.iter().map(|socket| (socket.as_fd(), PollFlags::OUT)).collect();
        let patience = (targets.len() > 0).then_some(NEXT_ADDRESS_AFTER);
        let ready = wait.until_any_ready(&sockets, since, patience);
        let ready = ready.map_err(|error| error.during(format!("cannot connect to `{address}`")))?;
        // From the last on, so that the places of the others stay.
        for place in ready.into_iter().rev() {
            let socket = begun.remove(place);
            match sockopt::socket_error(&socket) {
                Ok(Ok(())) => return Ok(socket),
                Ok(Err(errno)) | Err(errno) => last = errno,
            }
        }
    }
}

/// A connection that was begun.
enum Begun {
    Connected(OwnedFd),
    InProgress(OwnedFd),
}

fn begin(target: SocketAddr) -> Result<Begun, Errno> {
    let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, FLAGS, Some(ipproto::TCP))?;
    tune_tcp(&socket)?;
    match connect(&socket, &target) {
        Ok(()) => Ok(Begun::Connected(socket)),
        Err(Errno::INPROGRESS | Errno::INTR) => Ok(Begun::InProgress(socket)),
        Err(errno) => Err(errno),
    }
}

fn refused(address: &Address, errno: Errno) -> ChannelError {
    ChannelError::refused(format!("cannot connect to `{address}`"), errno)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::channel::Raiser;

    /// A port whose queue is full: what connects to it hears nothing.
    fn silent(address: &str) -> (TcpListener, Vec<OwnedFd>) {
        let listener = TcpListener::bind(address).unwrap();
        rustix::net::listen(&listener, 0).unwrap();
        let target = listener.local_addr().unwrap();
        let mut queued = Vec::new();
        let never = Raiser::new().unwrap();
        let moment = Wait::new(&never, Duration::from_millis(200));
        while let Ok(socket) = connect_any(&address_of(target), vec![target], &moment) {
            queued.push(socket);
        }
        (listener, queued)
    }

    fn address_of(target: SocketAddr) -> Address {
        Address::Tcp { host: "name".to_owned(), port: target.port() }
    }

    #[test]
    fn an_address_that_is_silent_does_not_keep_the_others_waiting() {
        let (silent, _queued) = silent("127.0.0.1:0");
        let answers = TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (quiet, live) = (silent.local_addr().unwrap(), answers.local_addr().unwrap());
        let never = Raiser::new().unwrap();
        let patience = Duration::from_secs(20);
        for targets in [vec![quiet, live], vec![live, quiet], vec![quiet, closed, quiet, live], vec![closed, live]] {
            let began = Instant::now();
            let socket = connect_any(&address_of(live), targets.clone(), &Wait::new(&never, patience)).unwrap();
            assert!(began.elapsed() < Duration::from_secs(5), "{targets:?} took {:?}", began.elapsed());
            let peer = rustix::net::getpeername(&socket).unwrap().unwrap();
            assert_eq!(SocketAddr::try_from(peer).unwrap(), live, "{targets:?}");
        }
        let error = connect_any(&address_of(live), vec![closed, closed], &Wait::new(&never, patience)).unwrap_err();
        assert!(error.to_line().contains("Connection refused"), "{}", error.to_line());
        let moment = Wait::new(&never, Duration::from_millis(600));
        let error = connect_any(&address_of(live), vec![quiet, closed], &moment).unwrap_err();
        assert!(error.to_line().contains("gave no sign of life for 0.6 s"), "{}", error.to_line());
    }
}
