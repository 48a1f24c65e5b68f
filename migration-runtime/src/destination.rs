//! The work of the side that receives the guest: what is to be done in each state of the destination.

mod lobby;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::lobby::Judge;
use crate::cause::Cause;
use crate::channel::{Channel, Endpoint, Wait};
use crate::conversation::{answer_due, hear, say, unexpected};
use crate::custody::{Custody, WasRunning, WhenOver};
use crate::guest::{Guest, GuestError};
use crate::machine::{Unsent, Visit, VisitOver};
use crate::memory::{Layout, Memory};
use crate::progress::Progress;
use crate::states::Message;
use crate::states::destination::{
    ClosingEvent, FailingEvent, FinishingEvent, ListeningEvent, LoadingEvent, StandingByEvent, StartingEvent, Work,
};
use crate::tls::TlsServer;
use crate::transfer::{Received, Receiver, Spool};
use crate::trouble::{Trouble, evidence, guarded, troubles};
use crate::wire::{HandOver, Hello, Refusal, Token, Welcome};

/// How long a source that is told of a failure may take to hang up.
const FAREWELL: Duration = Duration::from_secs(2);

troubles! {
    ListeningEvent(TimedOut, Failed, Failed);
    LoadingEvent(TimedOut, Failed, Failed);
    StandingByEvent(TimedOut, Failed, Failed);
    StartingEvent(Failed, Failed, Failed);
}

/// What is known of the source whose hello was judged last, and the memory of the guest that it may send.
struct Admitted {
    token: Token,
    memory: Memory,
    layout: Layout,
}

/// The destination's half of one attempt.
pub struct DestinationWork {
    guest: Custody,
    was_running: WasRunning,
    progress: Arc<Progress>,
    /// The token of the source that is awaited; any source fits where it is not known.
    awaited: Option<Token>,
    tls: Option<TlsServer>,
    admitted: Option<Admitted>,
    peer: Option<Endpoint>,
    channel: Option<Channel>,
    welcome: Option<Welcome>,
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
            tls: None,
            admitted: None,
            peer: Some(peer.into()),
            channel: None,
            welcome: None,
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
        self.tls = Some(tls);
        self
    }

    /// Waits for a source whose guest fits. Whoever else connects is sent away, and the wait goes on.
    fn await_source(&mut self, visit: &Visit) -> Result<ListeningEvent<Cause>, Trouble> {
        let peer = self.peer.take().ok_or_else(|| Trouble::protocol("there is nobody to wait for"))?;
        let (guest, awaited) = (&self.guest, self.awaited);
        let mut admitted = None;
        let mut judge = |hello: &[u8]| {
            let (source, welcome) = judge(guest, awaited, hello)?;
            admitted = Some(source);
            Ok(welcome)
        };
        let (channel, welcome) = match peer {
            Endpoint::Accept(listener) => lobby::receive(&listener, self.tls.as_ref(), &mut judge, visit)?,
            peer @ (Endpoint::Dial(_) | Endpoint::Connected(_)) => greet(peer, self.tls.as_ref(), &mut judge, visit)?,
        };
        if let Some(source) = &admitted {
            tracing::info!(peer = channel.peer(), attempt = %source.token, "the source is here");
            self.progress.set_token(source.token);
        }
        self.admitted = admitted;
        self.channel = Some(channel);
        self.welcome = Some(welcome);
        Ok(ListeningEvent::Hello)
    }

    /// Takes in memory and device state until both are here, whole, and the guest has taken the latter.
    fn load(&mut self, visit: &Visit) -> Result<LoadingEvent<Cause>, Trouble> {
        let wait = Wait::new(visit, visit.timeout());
        let admitted = self.admitted.take().ok_or_else(|| Trouble::protocol("no source was admitted"))?;
        let Admitted { memory, layout, .. } = admitted;
        let mut receiver = Receiver::new(&memory, &layout, Arc::clone(&self.progress));
        let (mut memory, mut state) = (false, None);
        while !memory || state.is_none() {
            let received = receiver.next(open(&mut self.channel)?, &wait);
            match received.map_err(|error| Trouble::channel(visit, &error))? {
                Received::RoundEnd { .. } => {}
                Received::MemoryEnd => memory = true,
                Received::StateRound(section) => {
                    self.take_state("load_round", section, visit, |guest, state| guest.load_round(state))?;
                }
                Received::State(section) => state = Some(section),
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

    fn stand_by(&mut self, visit: &Visit) -> Result<StandingByEvent<Cause>, Trouble> {
        self.start_by = visit.deadline();
        let payload = hear(open(&mut self.channel)?, Message::HandOver, &answer_due(visit), visit)?;
        let HandOver { runs } = HandOver::decode(&payload).map_err(|error| Trouble::protocol(error.to_string()))?;
        self.was_running = if runs { WasRunning::Yes } else { WasRunning::No };
        Ok(StandingByEvent::HandOver)
    }

    /// Starts the guest, unless the time to do so is over: the source may have told its user by now that the guest can
    /// be run there. A host that is stopped for a while comes here as late as it likes.
    fn start(&mut self, visit: &Visit) -> Result<StartingEvent<Cause>, Trouble> {
        if self.start_by.is_some_and(|by| Instant::now() >= by) {
            return Err(Trouble::protocol("the hand-over came too late: the guest is not started here any more"));
        }
        self.guest.arrive(self.was_running, &mut self.channel, visit)?;
        Ok(StartingEvent::Started)
    }

    fn say(&mut self, message: Message, visit: &Visit) -> Result<(), Trouble> {
        let payload = match message {
            Message::Welcome => self.welcome.map(|welcome| welcome.encode()).unwrap_or_default(),
            Message::Ready | Message::Running => Vec::new(),
            Message::Refused => {
                let why = self.why.as_ref().map_or("the migration was cancelled on the destination", Cause::text);
                Refusal::new(why).encode()
            }
            Message::Hello | Message::HandOver => {
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

/// Has the guest judge what a source says of its own, and compares their memories.
fn judge(guest: &Custody, awaited: Option<Token>, hello: &[u8]) -> Result<(Admitted, Welcome), Refusal> {
    let (hello, welcome) = Hello::decode(hello)?;
    let token = hello.token();
    if awaited.is_some_and(|awaited| awaited != token) {
        return Err(Refusal::new("the source belongs to another attempt: this host awaits one with another token"));
    }
    let refused = |error| Refusal::new(Trouble::from(error).text());
    guest.admit(hello.description()).map_err(refused)?;
    let memory = guest.memory().map_err(refused)?;
    let layout = Layout::of(&memory).map_err(|error| Refusal::new(&error.to_string()))?;
    hello.fits(&layout)?;
    Ok((Admitted { token, memory, layout }, welcome))
}

/// Hears the source on the only connection that there will be.
fn greet(
    peer: Endpoint,
    tls: Option<&TlsServer>,
    judge: Judge<'_>,
    visit: &Visit,
) -> Result<(Channel, Welcome), Trouble> {
    let wait = answer_due(visit);
    let opened = peer.open(&wait).and_then(|channel| {
        let mut channel = match tls {
            Some(tls) => channel.secure_as_server(tls)?,
            None => channel,
        };
        channel.shake_hands(&wait)?;
        Ok(channel)
    });
    let mut channel = opened.map_err(|error| Trouble::channel(visit, &error))?;
    let heard = hear(&mut channel, Message::Hello, &wait, visit)?;
    match channel.authorise().and_then(|()| judge(&heard)) {
        Ok(welcome) => Ok((channel, welcome)),
        Err(refusal) => {
            say(&mut channel, Message::Refused, &refusal.encode(), visit)?;
            if let Err(error) = channel.finish(&Wait::within(visit, Instant::now(), FAREWELL)) {
                tracing::debug!(%error, "the refused source did not hang up");
            }
            Err(Trouble::protocol(refusal.text()))
        }
    }
}

/// The channel, which every state after `listening` has.
fn open(channel: &mut Option<Channel>) -> Result<&mut Channel, Trouble> {
    channel.as_mut().ok_or_else(|| Trouble::protocol("there is no connection to the source"))
}

impl Work for DestinationWork {
    type Cause = Cause;

    fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent> {
        guarded(|| self.say(message, visit)).map_err(Trouble::unsent)
    }

    fn listening(&mut self, visit: &Visit) -> Result<ListeningEvent<Cause>, VisitOver> {
        evidence(|| self.noted("listening", |work| work.await_source(visit)))
    }

    fn loading(&mut self, visit: &Visit) -> Result<LoadingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("loading", |work| work.load(visit)))
    }

    fn standing_by(&mut self, visit: &Visit) -> Result<StandingByEvent<Cause>, VisitOver> {
        evidence(|| self.noted("standing_by", |work| work.stand_by(visit)))
    }

    fn starting(&mut self, visit: &Visit) -> Result<StartingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("starting", |work| work.start(visit)))
    }

    fn finishing(&mut self, _visit: &Visit) -> Result<FinishingEvent, VisitOver> {
        self.channel = None;
        Ok(FinishingEvent::CleanedUp)
    }

    fn closing(&mut self, _visit: &Visit) -> Result<ClosingEvent, VisitOver> {
        self.peer = None;
        Ok(ClosingEvent::CleanedUp)
    }

    fn failing(&mut self, visit: &Visit) -> Result<FailingEvent, VisitOver> {
        if let Some(mut channel) = self.channel.take()
            && let Err(error) = channel.finish(&Wait::within(visit, visit.began(), FAREWELL))
        {
            tracing::debug!(%error, "the source did not hang up");
        }
        Ok(FailingEvent::CleanedUp)
    }
}
