//! How a destination comes to its connections with the source.

use std::time::{Duration, Instant};

use super::lobby::{self, Expected, Judge};
use crate::channel::{Channel, ChannelError, Endpoint, Wait};
use crate::conversation::{answer_due, unexpected};
use crate::machine::Visit;
use crate::recovery::Recovery;
use crate::states::Message;
use crate::tls::TlsServer;
use crate::transfer::{receive_message, send_message};
use crate::trouble::Trouble;
use crate::wire::{JOIN, Token, judge_membership};

/// How long a source that is told of a failure may take to hang up.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// Whether a source may start a post-copy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Postcopy {
    Allowed,
    Off,
}

/// Where the source is met.
pub(super) struct Meet {
    peer: Option<Endpoint>,
    pub(super) recovery: Recovery,
    pub(super) tls: Option<TlsServer>,
}

impl Meet {
    pub(super) fn new(peer: Endpoint) -> Meet {
        Meet { peer: Some(peer), recovery: Recovery::default(), tls: None }
    }

    /// Waits no longer.
    pub(super) fn close(&mut self) {
        self.peer = None;
    }

    /// Takes the way that the user gave for a recovery.
    pub(super) fn redirect(&mut self) -> Result<(), Trouble> {
        self.peer = self.recovery.take();
        let nowhere = || Trouble::protocol("nobody said where the source of the paused post-copy is awaited");
        self.peer.as_ref().map(drop).ok_or_else(nowhere)
    }

    /// Waits for a source whose first message is `expected` and passes the judge. Whoever else connects is sent away.
    /// The end of the connection `main`, where it is given, ends the wait.
    pub(super) fn meet(
        &mut self,
        expected: Expected,
        judge: Judge<'_>,
        main: Option<&Channel>,
        visit: &Visit,
    ) -> Result<Channel, Trouble> {
        let peer = self.peer.take().ok_or_else(|| Trouble::protocol("there is nobody to wait for"))?;
        if let Endpoint::Accept(listener) = &peer {
            let channel = lobby::receive(listener, self.tls.as_ref(), expected, judge, main, visit)?;
            self.peer = Some(peer);
            return Ok(channel);
        }
        self.greet(peer, expected, judge, visit)
    }

    /// Waits for the connection on which pages are requested from the source of this attempt. The end of the main
    /// connection ends the wait.
    pub(super) fn meet_urgent(&mut self, token: Token, main: &Channel, visit: &Visit) -> Result<Channel, Trouble> {
        let expected = Expected { number: JOIN, name: "join" };
        let mut channel = self.meet(expected, &mut |bytes| judge_membership(bytes, token), Some(main), visit)?;
        let wait = answer_due(visit);
        send_message(&mut channel, JOIN, &[], &wait).map_err(|error| Trouble::channel(visit, &error))?;
        Ok(channel)
    }

    /// Waits for a further connection at an endpoint of its own.
    pub(super) fn meet_at(
        &mut self,
        endpoint: Endpoint,
        expected: Expected,
        judge: Judge<'_>,
        visit: &Visit,
    ) -> Result<Channel, Trouble> {
        let peer = self.peer.replace(endpoint);
        let met = self.meet(expected, judge, None, visit);
        self.peer = peer;
        met
    }

    /// Hears the source on the only connection that there will be before another is asked for.
    fn greet(
        &mut self,
        peer: Endpoint,
        expected: Expected,
        judge: Judge<'_>,
        visit: &Visit,
    ) -> Result<Channel, Trouble> {
        let wait = answer_due(visit);
        let opened = peer.open_and_keep(&wait).and_then(|(channel, more)| {
            self.peer = more;
            let mut channel = match &self.tls {
                Some(tls) => channel.secure_as_server(tls)?,
                None => channel,
            };
            channel.shake_hands(&wait)?;
            Ok(channel)
        });
        let mut channel = opened.map_err(|error| Trouble::channel(visit, &error))?;
        let awaited = |error: ChannelError| Trouble::channel(visit, &error.awaiting(&format!("`{}`", expected.name)));
        let heard = receive_message(&mut channel, &wait).map_err(awaited)?;
        if heard.number != expected.number {
            return Err(unexpected(&heard, expected.name));
        }
        match channel.authorise().and_then(|()| judge(&heard.payload)) {
            Ok(()) => Ok(channel),
            Err(refusal) => {
                let told = send_message(&mut channel, Message::Refused.number(), &refusal.encode(), &wait);
                told.map_err(|error| Trouble::channel(visit, &error))?;
                if let Err(error) = channel.finish(&Wait::within(visit, Instant::now(), FAREWELL)) {
                    tracing::debug!(%error, "the refused source did not hang up");
                }
                Err(Trouble::protocol(refusal.text()))
            }
        }
    }
}
