//! The work of the side that receives the guest: what is to be done in each state of the destination.

mod admission;
mod arrival;
mod arrived;
mod by_state;
mod lobby;
mod meet;
mod pages;

use std::io::Read;
use std::sync::Arc;
use std::time::Instant;

use self::admission::{Admitted, Awaits, judge};
use self::arrival::{Arrival, Package};
pub use self::arrived::Arrived;
use self::meet::{FAREWELL, Meet, Postcopy};
use crate::cause::Cause;
use crate::channel::{Channel, Endpoint, Wait};
use crate::conversation::{answer_due, hear, say, unexpected};
use crate::custody::{Custody, WasRunning, WhenOver};
use crate::guest::{Guest, GuestError};
use crate::machine::Visit;
use crate::multifd::Multifd;
use crate::postcopy::{Cell, Fetch};
use crate::progress::Progress;
use crate::recovery::Recovery;
use crate::states::Message;
use crate::states::destination::{
    ListeningEvent, LoadingEvent, PostcopyActiveEvent, PostcopyAwaitingEvent, PostcopyDeviceEvent,
};
use crate::tls::TlsServer;
use crate::transfer::{PageReceivers, Received, Receiver, Spool};
use crate::trouble::{Trouble, guarded};
use crate::wire::{HandOver, Ready, Refusal, Token, judge_membership};

/// The destination's half of one attempt.
pub struct DestinationWork {
    guest: Custody,
    was_running: WasRunning,
    progress: Arc<Progress>,
    /// The token of the source that is awaited; any source fits where it is not known.
    awaited: Option<Token>,
    postcopy: Postcopy,
    /// The connections for pages, until they are here.
    multifd: Option<Multifd>,
    meet: Meet,
    admitted: Option<Admitted>,
    channel: Option<Channel>,
    package: Option<Package>,
    arrival: Arrival,
    why: Option<Cause>,
    start_by: Option<Instant>,
}

impl DestinationWork {
    /// The work of taking in a guest from `peer`, into the memory of `guest`, which is stopped. `peer` is a listener, on
    /// which whoever is not the source is sent away, an address to dial, or a channel that is connected already.
    pub fn new(guest: Arc<dyn Guest>, peer: impl Into<Endpoint>, progress: Arc<Progress>) -> Self {
        Self {
            guest: Custody::new(guest, WhenOver::Stay),
            was_running: WasRunning::Yes,
            progress,
            awaited: None,
            postcopy: Postcopy::Off,
            multifd: None,
            meet: Meet::new(peer.into()),
            admitted: None,
            channel: None,
            package: None,
            arrival: Arrival::default(),
            why: None,
            start_by: None,
        }
    }

    /// The same work, which takes in no other source than the one with this token.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.awaited = Some(token);
        self
    }

    /// The same work over TLS: a source that does not use it, or has no certificate that fits, is sent away.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsServer) -> Self {
        self.meet.tls = Some(tls);
        self
    }

    /// The same work, in which the source may start a post-copy: the machine's guard for it must hold. The memory of the
    /// guest must be private anonymous memory or a shared memfd, in pages of 4 KiB.
    #[must_use]
    pub fn with_postcopy(mut self) -> Self {
        self.postcopy = Postcopy::Allowed;
        self
    }

    /// The same work, in which pages come over further connections: the source must have as many. Unless these have
    /// endpoints of their own, `peer` must be an address or a listener.
    #[must_use]
    pub fn with_multifd(mut self, multifd: Multifd) -> Self {
        self.multifd = Some(multifd);
        self
    }

    /// Returns where to say how the source of a paused post-copy is awaited, before the trigger `recover` is raised.
    pub fn recovery(&self) -> Recovery {
        self.meet.recovery.clone()
    }

    /// Returns this side's half of a post-copy, which is there from the switchover until every page is here. The machine's
    /// guard that every page has arrived holds where it [is whole](Fetch::is_whole).
    pub fn fetch(&self) -> Cell<Fetch> {
        self.arrival.fetch.clone()
    }

    /// Waits for a source whose guest fits. Whoever else connects is sent away, and the wait goes on.
    fn await_source(&mut self, visit: &Visit) -> Result<ListeningEvent<Cause>, Trouble> {
        let guest = &self.guest;
        let page_channels = self.multifd.as_ref().map_or(0, Multifd::count);
        let awaits = Awaits { token: self.awaited, postcopy: self.postcopy, page_channels };
        let mut admitted = None;
        let mut judge = |hello: &[u8]| {
            admitted = Some(judge(guest, awaits, hello)?);
            Ok(())
        };
        let channel = self.meet.meet(Message::Hello.into(), &mut judge, None, visit)?;
        if let Some(source) = &admitted {
            tracing::info!(peer = channel.peer(), attempt = %source.token, "the source is here");
            self.progress.set_token(source.token);
            if !source.postcopy && self.multifd.is_none() {
                // There will be no other connection.
                self.meet.close();
            }
        }
        self.admitted = admitted;
        self.channel = Some(channel);
        Ok(ListeningEvent::Hello)
    }

    /// Takes in memory and device state until both are here, whole, and the guest has taken the latter.
    fn load(&mut self, visit: &Visit) -> Result<LoadingEvent<Cause>, Trouble> {
        let wait = Wait::new(visit, visit.timeout());
        let admitted = admitted(&self.admitted)?;
        let (postcopy, progress) = (admitted.postcopy, Arc::clone(&self.progress));
        let mut receiver = Receiver::new(&admitted.memory, &admitted.layout, Arc::clone(&progress));
        if let Some(multifd) = self.multifd.take() {
            let channels = pages::join(multifd, &mut self.meet, admitted, open(&mut self.channel)?, visit)?;
            let (memory, layout) = (&admitted.memory, &admitted.layout);
            let opened = PageReceivers::start(memory, layout, progress, visit.timeout(), channels);
            receiver = receiver.with_pages(opened.map_err(|error| Trouble::channel(visit, &error))?);
        }
        if postcopy {
            receiver = receiver.with_restarts();
        } else {
            self.meet.close();
        }
        let (mut memory, mut state) = (false, None);
        while !memory || state.is_none() {
            let received = receiver.next(open(&mut self.channel)?, &wait);
            match received.map_err(|error| Trouble::channel(visit, &error.awaiting("the rest of the guest")))? {
                Received::RoundEnd { .. } => {}
                Received::MemoryEnd => memory = true,
                Received::StateRound(section) => {
                    self.take_state("load_round", section, visit, |guest, state| guest.load_round(state))?;
                }
                Received::State(section) => state = Some(section),
                Received::Message(heard) if postcopy && heard.number == Message::Listen.number() => {
                    let devices = state.ok_or_else(|| Trouble::protocol("a post-copy came before the device state"))?;
                    let ended = receiver.end_pages(open(&mut self.channel)?, &wait);
                    ended.map_err(|error| Trouble::channel(visit, &error))?;
                    self.package = Some(Package { devices, never_came: receiver.missing() });
                    return Ok(LoadingEvent::Listen);
                }
                Received::Message(heard) => {
                    return Err(unexpected(&heard, "memory and device state"));
                }
            }
        }
        if let Some(section) = state {
            self.take_state("load", section, visit, |guest, state| guest.load(state))?;
        }
        Ok(LoadingEvent::Loaded)
    }

    /// Has the guest read a section of device state, all of it.
    fn take_state(
        &mut self,
        name: &'static str,
        mut section: Spool,
        visit: &Visit,
        load: impl FnOnce(&dyn Guest, &mut dyn Read) -> Result<(), GuestError> + Send,
    ) -> Result<(), Trouble> {
        self.guest.call(name, &mut self.channel, visit, move |guest| {
            load(guest, &mut section)?;
            match section.left() {
                0 => Ok(()),
                left => Err(GuestError::new(format!("the guest left {left} bytes of its device state unread"))),
            }
        })
    }

    /// Makes the missing pages wait, and has the guest take its device state.
    fn load_devices(&mut self, visit: &Visit) -> Result<PostcopyDeviceEvent<Cause>, Trouble> {
        let Package { devices, never_came } =
            self.package.take().ok_or_else(|| Trouble::protocol("no device state has come"))?;
        let Self { admitted: source, meet, channel, arrival, .. } = self;
        let fetch = arrival.begin(admitted(source)?, &never_came, meet, open(channel)?, visit)?;
        // The guest may touch a page that does not come any more.
        self.guest.set_rescue(move || {
            if fetch.is_broken() {
                fetch.end();
            }
        });
        let loaded = self.take_state("load", devices, visit, |guest, state| guest.load(state));
        match self.arrival.given_up() {
            Some(trouble) => Err(trouble),
            None => loaded.map(|()| PostcopyDeviceEvent::Loaded),
        }
    }

    fn fetch_pages(&mut self, visit: &Visit) -> Result<PostcopyActiveEvent<Cause>, Trouble> {
        let Self { admitted: source, meet, channel, arrival, .. } = self;
        arrival.receive(admitted(source)?, meet, open(channel)?, visit)?;
        Ok(PostcopyActiveEvent::Arrived)
    }

    /// Waits for the source of this attempt on a new connection.
    fn await_recovery(&mut self, visit: &Visit) -> Result<PostcopyAwaitingEvent<Cause>, Trouble> {
        // The user may be faster than the work of the pause.
        self.hang_up();
        let token = admitted(&self.admitted)?.token;
        self.meet.redirect()?;
        let mut judge = |bytes: &[u8]| judge_membership(bytes, token);
        self.channel = Some(self.meet.meet(Message::ResumeRequest.into(), &mut judge, None, visit)?);
        Ok(PostcopyAwaitingEvent::ResumeRequest)
    }

    /// Closes the connections of a post-copy.
    fn hang_up(&mut self) {
        self.arrival.unlink();
        self.channel = None;
        self.meet.close();
    }

    fn stand_by(&mut self, visit: &Visit) -> Result<(), Trouble> {
        self.start_by = visit.deadline();
        let payload = hear(open(&mut self.channel)?, Message::HandOver, &answer_due(visit), visit)?;
        let HandOver { runs } = HandOver::decode(&payload).map_err(|error| Trouble::protocol(error.to_string()))?;
        self.was_running = if runs { WasRunning::Yes } else { WasRunning::No };
        Ok(())
    }

    /// Starts the guest, unless the time to do so is over: the source may have told its user by now that the guest can
    /// be run there. A host that is stopped for a while comes here as late as it likes.
    fn start(&mut self, visit: &Visit) -> Result<(), Trouble> {
        if self.start_by.is_some_and(|by| Instant::now() >= by) {
            return Err(Trouble::protocol("the hand-over came too late: the guest is not started here any more"));
        }
        let started = self.guest.arrive(self.was_running, &mut self.channel, visit);
        if let Some(trouble) = self.arrival.given_up() {
            self.guest.stop_lost(|| ());
            return Err(trouble);
        }
        started
    }

    /// Lets the source hang up first, so that it can read why this attempt has failed.
    fn fail(&mut self, visit: &Visit) {
        if let Some(mut channel) = self.channel.take()
            && let Err(error) = channel.finish(&Wait::within(visit, visit.began(), FAREWELL))
        {
            tracing::debug!(%error, "the source did not hang up");
        }
        self.hang_up();
    }

    fn say(&mut self, message: Message, visit: &Visit) -> Result<(), Trouble> {
        let payload = match message {
            Message::Welcome => admitted(&self.admitted)?.welcome.encode(),
            // The visit is that of the state that stands by.
            Message::Ready | Message::Prepared => Ready { stands_by: visit.timeout() }.encode(),
            Message::Running | Message::Complete => Vec::new(),
            Message::Missing => {
                say(open(&mut self.channel)?, message, &[], visit)?;
                return self.arrival.tell_missing(open(&mut self.channel)?, visit);
            }
            Message::Refused => {
                let why = self.why.as_ref().map_or("the migration was cancelled on the destination", Cause::text);
                Refusal::new(why).encode()
            }
            Message::Hello | Message::HandOver | Message::Listen | Message::Released | Message::ResumeRequest => {
                unreachable!("the table gives `{message}` to the source")
            }
        };
        say(open(&mut self.channel)?, message, &payload, visit)
    }

    /// Keeps the words of a failure for the source, which is told of it when the table says so.
    fn noted<E>(
        &mut self,
        state: &'static str,
        work: impl FnOnce(&mut Self) -> Result<E, Trouble>,
    ) -> Result<E, Trouble> {
        let span = tracing::info_span!("migration", role = "destination", state);
        let found = span.in_scope(|| guarded(|| work(self)));
        if let Err(Trouble::TimedOut(cause) | Trouble::Refused(cause) | Trouble::Failed(cause)) = &found {
            self.why = Some(cause.clone());
        }
        found
    }
}

/// The source, which every state after `listening` knows.
fn admitted(source: &Option<Admitted>) -> Result<&Admitted, Trouble> {
    source.as_ref().ok_or_else(|| Trouble::protocol("no source was admitted"))
}

/// The channel, which every state after `listening` has.
fn open(channel: &mut Option<Channel>) -> Result<&mut Channel, Trouble> {
    channel.as_mut().ok_or_else(|| Trouble::protocol("there is no connection to the source"))
}
