//! What the work of a source has at hand while it sends: the guest, the connection, and the visit of the present state.

use crate::channel::{Channel, ChannelError, Wait};
use crate::conversation::listen;
use crate::custody::Custody;
use crate::guest::{Guest, GuestError};
use crate::machine::Visit;
use crate::transfer::Sent;
use crate::trouble::Trouble;

/// Where everything goes: the guest that is called, the connection, and the visit of the state at work.
pub(crate) struct Way<'a> {
    pub(crate) guest: &'a Custody,
    pub(crate) channel: &'a mut Option<Channel>,
    pub(crate) visit: &'a Visit,
    /// The bounds of every wait for the peer.
    pub(crate) wait: Wait<'a>,
}

impl<'a> Way<'a> {
    pub(crate) fn call<T: Send>(
        &mut self,
        name: &'static str,
        call: impl FnOnce(&dyn Guest) -> Result<T, GuestError> + Send,
    ) -> Result<T, Trouble> {
        self.guest.call(name, self.channel, self.visit, call)
    }

    pub(crate) fn wait(&self) -> Wait<'a> {
        self.wait
    }

    pub(crate) fn open(&mut self) -> Result<(&mut Channel, &'a Visit), Trouble> {
        Ok((open(self.channel)?, self.visit))
    }
}

/// Makes trouble of what kept the sender from sending all.
pub(crate) fn all_sent(sent: Result<Sent, ChannelError>, channel: &mut Channel, visit: &Visit) -> Result<(), Trouble> {
    match sent.map_err(|error| Trouble::channel(visit, &error))? {
        Sent::All | Sent::TimeUp => Ok(()),
        Sent::PeerSpoke => Err(listen(channel, visit)),
    }
}

/// The channel, which every state after `connecting` has.
pub(crate) fn open(channel: &mut Option<Channel>) -> Result<&mut Channel, Trouble> {
    channel.as_mut().ok_or_else(|| Trouble::protocol("there is no connection to the destination"))
}
