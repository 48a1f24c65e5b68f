//! How the two sides come together.

use super::{Channel, ChannelError, Listener, Wait};
use crate::address::Address;

/// How one side gets its connection. Either side may dial, and a VMM may bring a connection of its own.
#[derive(Debug)]
pub enum Endpoint {
    /// It connects to the other side.
    Dial(Address),
    /// It waits until the other side connects.
    Accept(Listener),
    /// It is connected already.
    Connected(Channel),
}

impl Endpoint {
    /// Dials, accepts the first who connects, or takes the connection that is there.
    ///
    /// # Errors
    /// As [`Channel::connect`] and [`Listener::accept`].
    pub fn open(self, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        match self {
            Endpoint::Dial(address) => Channel::connect(&address, wait),
            Endpoint::Accept(listener) => listener.accept(wait),
            Endpoint::Connected(channel) => Ok(channel),
        }
    }
}

impl Endpoint {
    /// As [`open`](Endpoint::open), and keeps what further connections with the same peer can be had from: none where the
    /// connection was there already.
    pub(crate) fn open_and_keep(self, wait: &Wait<'_>) -> Result<(Channel, Option<Endpoint>), ChannelError> {
        let channel = match &self {
            Endpoint::Dial(address) => Channel::connect(address, wait)?,
            Endpoint::Accept(listener) => listener.accept(wait)?,
            Endpoint::Connected(_) => return self.open(wait).map(|channel| (channel, None)),
        };
        Ok((channel, Some(self)))
    }
}

impl From<Address> for Endpoint {
    fn from(address: Address) -> Endpoint {
        Endpoint::Dial(address)
    }
}

impl From<Listener> for Endpoint {
    fn from(listener: Listener) -> Endpoint {
        Endpoint::Accept(listener)
    }
}

impl From<Channel> for Endpoint {
    fn from(channel: Channel) -> Endpoint {
        Endpoint::Connected(channel)
    }
}
