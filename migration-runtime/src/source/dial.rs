//! How a source comes to its connections with the destination.

use std::os::fd::AsFd;
use std::time::Instant;

use rustix::event::PollFlags;

use crate::channel::{Channel, ChannelError, Endpoint, Wait};
use crate::machine::Visit;
use crate::recovery::Recovery;
use crate::tls::TlsClient;
use crate::transfer::{receive_message, send_message};
use crate::trouble::Trouble;
use crate::wire::{JOIN, Refusal, Token, encode_membership};
use crate::{conversation::unexpected, states::Message};

/// The way to the destination.
pub(super) struct Dial {
    peer: Option<Endpoint>,
    recovery: Recovery,
    pub(super) tls: Option<TlsClient>,
}

impl Dial {
    pub(super) fn new(peer: Endpoint) -> Dial {
        Dial { peer: Some(peer), recovery: Recovery::default(), tls: None }
    }

    /// Where the user says how a paused post-copy connects again.
    pub(super) fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Whether more than one connection can be had.
    pub(super) fn has_more(&self) -> bool {
        !matches!(self.peer, Some(Endpoint::Connected(_)) | None)
    }

    /// Takes the way that the user gave for a recovery.
    pub(super) fn redirect(&mut self) -> Result<(), Trouble> {
        self.peer = self.recovery.take();
        match self.has_more() {
            true => Ok(()),
            false => Err(Trouble::protocol("nobody said where the destination of the paused post-copy listens")),
        }
    }

    /// Opens a connection.
    pub(super) fn open(&mut self, visit: &Visit, wait: &Wait<'_>) -> Result<Channel, Trouble> {
        let peer = self.peer.take().ok_or_else(|| Trouble::protocol("there is nobody to connect to"))?;
        self.connect(peer, wait).map_err(|error| Trouble::channel(visit, &error))
    }

    /// Opens a further connection, in a way of its own if there is one.
    pub(super) fn open_further(
        &mut self,
        own: Option<Endpoint>,
        visit: &Visit,
        wait: &Wait<'_>,
    ) -> Result<Channel, Trouble> {
        let Some(own) = own else { return self.open(visit, wait) };
        let channel = own.open(wait).and_then(|channel| self.secure(channel, wait));
        channel.map_err(|error| Trouble::channel(visit, &error))
    }

    /// Opens the connection on which the destination asks for pages. The end of the main connection ends the wait for the
    /// destination's answer.
    pub(super) fn open_urgent(
        &mut self,
        token: Token,
        main: &Channel,
        visit: &Visit,
        wait: &Wait<'_>,
    ) -> Result<Channel, Trouble> {
        let channel = self.open(visit, wait)?;
        self.join(channel, JOIN, &encode_membership(token), Some(main), visit, wait)
    }

    /// Has a connection join the attempt, and returns it once the destination agrees. The end of the connection `main`,
    /// where it is given, ends the wait.
    pub(super) fn join(
        &self,
        mut channel: Channel,
        number: u16,
        membership: &[u8],
        main: Option<&Channel>,
        visit: &Visit,
        wait: &Wait<'_>,
    ) -> Result<Channel, Trouble> {
        let joined = send_message(&mut channel, number, membership, wait);
        let answered = joined.and_then(|()| main.map_or(Ok(()), |main| await_answer(&channel, main, wait)));
        let answer = answered.and_then(|()| receive_message(&mut channel, wait));
        let what = if number == JOIN { "the connection for page requests" } else { "a connection for pages" };
        let failed = |error: ChannelError| error.awaiting("the answer to `join`").during(what);
        match answer.map_err(|error| Trouble::channel(visit, &failed(error)))? {
            heard if heard.number == number => Ok(channel),
            heard if heard.number == Message::Refused.number() => {
                let why = Refusal::decode(&heard.payload);
                let text = format!("the peer refused {what}: {}", why.reason());
                Err(Trouble::protocol(text))
            }
            heard => Err(unexpected(&heard, "the answer to `join`")),
        }
    }

    fn connect(&mut self, peer: Endpoint, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        let (channel, more) = peer.open_and_keep(wait)?;
        self.peer = more;
        self.secure(channel, wait)
    }

    fn secure(&self, channel: Channel, wait: &Wait<'_>) -> Result<Channel, ChannelError> {
        let mut channel = match &self.tls {
            Some(tls) => channel.secure_as_client(tls)?,
            None => channel,
        };
        channel.shake_hands(wait)?;
        Ok(channel)
    }
}

/// Waits until something can be read from a connection, or `main` ends.
fn await_answer(channel: &Channel, main: &Channel, wait: &Wait<'_>) -> Result<(), ChannelError> {
    let sockets = [(channel.as_fd(), PollFlags::IN), (main.as_fd(), PollFlags::RDHUP)];
    let ready = wait.until_any_ready(&sockets, Instant::now(), None)?;
    if ready.contains(&0) { Ok(()) } else { Err(ChannelError::closed()) }
}
