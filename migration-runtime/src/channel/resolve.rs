//! Host names to socket addresses, without waiting for a name server longer than the caller wants to.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustix::event::PollFlags;

use super::{ChannelError, Raiser, Wait};

/// Finds the socket addresses of a TCP port, in the order in which they are to be tried.
///
/// The system's resolver cannot be interrupted, so it is asked on a thread of its own, which is left to itself when the
/// wait ends before it answers.
pub(super) fn resolve(host: &str, port: u16, wait: &Wait<'_>) -> Result<Vec<SocketAddr>, ChannelError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let failed = |error| ChannelError::io(format!("cannot find host `{host}`"), error);
    let answered = Arc::new(Raiser::new().map_err(failed)?);
    let answer = Arc::new(Mutex::new(None));
    let lookup = {
        let (answered, answer) = (Arc::clone(&answered), Arc::clone(&answer));
        let host = host.to_owned();
        move || {
            let found = (host.as_str(), port).to_socket_addrs().map(Vec::from_iter);
            *answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            answered.raise();
        }
    };
    std::thread::Builder::new().name("resolve".to_owned()).spawn(lookup).map_err(failed)?;
    wait.until_ready(answered.as_fd(), PollFlags::IN, Instant::now())?;
    let found = answer
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .unwrap_or_else(|| Ok(Vec::new()))
        .map_err(failed)?;
    if found.is_empty() {
        return Err(failed(std::io::Error::other("it has no address")));
    }
    Ok(found)
}
