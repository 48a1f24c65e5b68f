//! The connections of a source with the destination, and its half of a post-copy.

use std::sync::Arc;
use std::time::Instant;

use super::dial::Dial;
use super::hand_over::{IN_DOUBT, POSTCOPY_IN_DOUBT};
use super::pages;
use crate::cause::Cause;
use crate::channel::{Channel, Wait};
use crate::conversation::{answer_due, explained, hear, say, until_over, work_due};
use crate::dirty::DirtyBitmap;
use crate::machine::{Visit, VisitOver};
use crate::memory::{Layout, Memory};
use crate::multifd::Multifd;
use crate::postcopy::{Cell, Supply, receive_missing, send_missing};
use crate::progress::Progress;
use crate::states::Message;
use crate::transfer::Sent;
use crate::trouble::{Trouble, guarded};
use crate::way::open;
use crate::wire::Token;

/// Whether a post-copy can be started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Postcopy {
    Allowed,
    Off,
}

/// The connections of one attempt, one after the other.
pub(super) struct Link {
    pub(super) dial: Dial,
    pub(super) channel: Option<Channel>,
    pub(super) token: Option<Token>,
    pub(super) postcopy: Postcopy,
    /// The connections for pages, until they are open.
    pub(super) multifd: Option<Multifd>,
    pub(super) supply: Cell<Supply>,
    /// The pages that a post-copy has to send.
    pub(super) missing: Option<DirtyBitmap>,
    progress: Arc<Progress>,
    /// Whether the destination has said that it runs the guest.
    pub(super) runs_there: bool,
}

impl Link {
    pub(super) fn new(dial: Dial, progress: Arc<Progress>) -> Link {
        Link {
            dial,
            channel: None,
            token: None,
            postcopy: Postcopy::Off,
            multifd: None,
            supply: Cell::default(),
            missing: None,
            progress,
            runs_there: false,
        }
    }

    /// Opens the first connection.
    pub(super) fn connect(&mut self, visit: &Visit) -> Result<(), Trouble> {
        if self.postcopy == Postcopy::Allowed && !self.dial.has_more() {
            let text = "a post-copy needs a second connection, and this one was handed in: give an address instead";
            return Err(Trouble::protocol(text));
        }
        if self.multifd.as_ref().is_some_and(Multifd::are_as_the_main_one) && !self.dial.has_more() {
            let text = "`multifd` needs further connections, and this one was handed in: hand in the others too, or give \
                        an address instead";
            return Err(Trouble::protocol(text));
        }
        self.channel = Some(self.dial.open(visit, &answer_due(visit))?);
        Ok(())
    }

    /// Opens the connections for pages, if there are to be any.
    pub(super) fn open_pages(&mut self, visit: &Visit) -> Result<Option<Vec<Channel>>, Trouble> {
        let Some(multifd) = self.multifd.take() else { return Ok(None) };
        let token = self.attempt_token()?;
        let joined = pages::join(multifd, &mut self.dial, token, visit);
        let main = open(&mut self.channel)?;
        joined.map(Some).map_err(|trouble| explained(trouble, main, visit))
    }

    pub(super) fn open(&mut self) -> Result<&mut Channel, Trouble> {
        open(&mut self.channel)
    }

    pub(super) fn say(&mut self, message: Message, payload: &[u8], visit: &Visit) -> Result<(), Trouble> {
        say(self.open()?, message, payload, visit)
    }

    /// Returns the token of the attempt, which is drawn when it is first asked for.
    pub(super) fn attempt_token(&mut self) -> Result<Token, Trouble> {
        let random = || Token::random().map_err(|error| Trouble::protocol(format!("no token can be drawn: {error}")));
        let token = self.token.map_or_else(random, Ok)?;
        self.token = Some(token);
        self.progress.set_token(token);
        Ok(token)
    }

    /// Says which pages are missing, and keeps them for the destination from now on.
    pub(super) fn begin_supply(&mut self, memory: &Memory, visit: &Visit) -> Result<(), Trouble> {
        let missing = self.missing.take().ok_or_else(|| Trouble::protocol("no post-copy was begun"))?;
        let sent = send_missing(open(&mut self.channel)?, &missing, &work_due(visit));
        sent.map_err(|error| Trouble::channel(visit, &error))?;
        let supply = Supply::new(memory, missing).map_err(|error| Trouble::protocol(error.to_string()))?;
        self.supply.set(supply);
        Ok(())
    }

    /// Opens the connection for page requests.
    pub(super) fn serve_requests(&mut self, visit: &Visit, wait: &Wait<'_>) -> Result<(), Trouble> {
        let token = self.attempt_token()?;
        let main = open(&mut self.channel)?;
        let urgent = self.dial.open_urgent(token, main, visit, wait);
        let urgent = urgent.map_err(|trouble| explained(trouble, main, visit))?;
        let served = self.half()?.connect(urgent, open(&mut self.channel)?);
        served.map_err(|error| Trouble::channel(visit, &error))
    }

    /// Sends what is missing, and waits until the destination has all of it.
    pub(super) fn push(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let (supply, wait) = (self.half()?, Wait::new(visit, visit.timeout()));
        let channel = open(&mut self.channel)?;
        let before = channel.bytes_sent();
        let pushed = supply.push(channel, &wait);
        self.progress.add_transferred(channel.bytes_sent() - before);
        match pushed.map_err(|error| Trouble::channel(visit, &error))? {
            Sent::All | Sent::PeerSpoke | Sent::TimeUp => {}
        }
        let answer = Wait::within(visit, Instant::now(), visit.timeout());
        hear(channel, Message::Complete, &answer, visit)?;
        self.half()?.note_complete();
        Ok(())
    }

    /// Waits until the user ends the pause. While the destination has not said that it runs the guest, it may still say
    /// that it does not: then this returns why.
    pub(super) fn pause(&mut self, visit: &Visit) -> Result<Cause, VisitOver> {
        let heard = guarded(|| match &mut self.channel {
            Some(channel) if !self.runs_there => {
                hear(channel, Message::Running, &Wait::new(visit, None), visit)?;
                self.note_running();
                Ok(())
            }
            Some(_) | None => Ok(()),
        });
        self.hang_up();
        match heard {
            Err(Trouble::Refused(cause)) => Ok(cause),
            Err(Trouble::Over(over)) => Err(over),
            Ok(_) | Err(Trouble::TimedOut(_) | Trouble::Failed(_)) => Err(until_over(visit)),
        }
    }

    /// Connects where the user said.
    pub(super) fn connect_again(&mut self, visit: &Visit) -> Result<(), Trouble> {
        self.hang_up();
        self.dial.redirect()?;
        self.channel = Some(self.dial.open(visit, &answer_due(visit))?);
        Ok(())
    }

    /// Hears which pages are missing, and answers requests for them.
    pub(super) fn recount(&mut self, layout: &Layout, visit: &Visit) -> Result<(), Trouble> {
        let wait = answer_due(visit);
        let channel = open(&mut self.channel)?;
        hear(channel, Message::Missing, &wait, visit)?;
        self.note_running();
        let channel = open(&mut self.channel)?;
        let missing = receive_missing(channel, layout, &wait).map_err(|error| Trouble::channel(visit, &error))?;
        self.half()?.replace(missing);
        self.serve_requests(visit, &wait)
    }

    /// What it means that there was no answer to the hand-over.
    pub(super) fn in_doubt(&self) -> &'static str {
        if self.supply.get().is_some() { POSTCOPY_IN_DOUBT } else { IN_DOUBT }
    }

    /// Notes that the destination runs the guest. After that, what is left here of a post-copy is old.
    pub(super) fn note_running(&mut self) {
        self.runs_there = true;
        if self.supply.get().is_some() {
            self.progress.set_ran_there();
        }
    }

    fn half(&self) -> Result<Arc<Supply>, Trouble> {
        self.supply.get().ok_or_else(|| Trouble::protocol("no post-copy was begun"))
    }

    /// Closes the connections.
    pub(super) fn hang_up(&mut self) {
        if let Some(supply) = self.supply.get() {
            supply.disconnect();
        }
        self.channel = None;
    }
}
