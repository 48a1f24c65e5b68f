//! The work of the side that has the guest: what is to be done in each state of the source.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cause::Cause;
use crate::channel::{Channel, Endpoint, Wait};
use crate::conversation::{answer_due, hang_up, hear, listen, say, unexpected, work_due};
use crate::custody::{CANCELLED, Custody, WasRunning, WhenOver};
use crate::guest::Guest;
use crate::machine::{Unsent, Visit, VisitOver};
use crate::memory::{Layout, LayoutError};
use crate::parameters::Parameters;
use crate::progress::Progress;
pub use crate::rounds::Notice;
use crate::rounds::Rounds;
use crate::states::Message;
use crate::states::source::{
    AbandoningEvent, ActiveEvent, CancellingEvent, CompletingEvent, ConnectingEvent, DeviceEvent, FailingEvent,
    HandingOverEvent, InDoubtEvent, NegotiatingEvent, PreSwitchoverEvent, StoppingEvent, TakingBackEvent, Work,
};
use crate::tls::TlsClient;
use crate::transfer::{hear_signs, synchronise};
use crate::trouble::{Trouble, evidence, guarded, troubles};
use crate::way::{Way, open};
use crate::wire::{HandOver, Hello, Token, Welcome};

/// While nothing else is said, the destination is asked this often whether it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// What it means that there was no answer to the hand-over, and what to do.
const IN_DOUBT: &str = "the guest was handed over, so it stays stopped here; look at the migration on the destination: \
                        if it is `completed`, the guest runs there; if it is `failed` or its process is gone, the guest \
                        will never run there and can be run here; while it is `active`, wait or cancel it there";

/// What it means that the hand-over was not sent.
const NOT_HANDED_OVER: &str = "the hand-over did not leave this host, so the guest is still here";

troubles! {
    ConnectingEvent(TimedOut, Failed, Failed);
    NegotiatingEvent(TimedOut, Refused, Failed);
    ActiveEvent(TimedOut, Refused, Failed);
    StoppingEvent(Failed, Failed, Failed);
    PreSwitchoverEvent(TimedOut, Refused, Failed);
    DeviceEvent(TimedOut, Refused, Failed);
    HandingOverEvent(TimedOut, Refused, Failed);
    InDoubtEvent(TimedOut, Refused, TimedOut);
}

/// The source's half of one attempt.
pub struct SourceWork {
    guest: Custody,
    peer: Option<Endpoint>,
    token: Option<Token>,
    tls: Option<TlsClient>,
    progress: Arc<Progress>,
    layout: Layout,
    rounds: Rounds,
    channel: Option<Channel>,
    stopped: Option<Instant>,
    why: Option<Cause>,
    stranded: Option<Cause>,
    given_up: GivenUp,
}

/// Whether the guest was given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum GivenUp {
    /// The destination cannot have received the hand-over, and never will.
    No,
    /// The destination may have received it, or may still receive it.
    MayBe,
}

impl SourceWork {
    /// The work of moving `guest` to `peer`: an address to dial, a listener to which the destination connects, or a
    /// channel that is connected already.
    ///
    /// `notify` is told what goes on while memory is sent; it must not block.
    ///
    /// # Errors
    ///
    /// When the guest's memory is not one that can be moved.
    pub fn new(
        guest: Arc<dyn Guest>,
        peer: impl Into<Endpoint>,
        parameters: Arc<Parameters>,
        progress: Arc<Progress>,
        notify: impl FnMut(Notice) + Send + 'static,
    ) -> Result<Self, LayoutError> {
        let memory = guest.memory();
        let layout = Layout::of(&memory)?;
        let rounds = Rounds::new(memory, &layout, parameters, Arc::clone(&progress), Box::new(notify));
        Ok(Self {
            guest: Custody::new(guest, WhenOver::HangUp),
            peer: Some(peer.into()),
            token: None,
            tls: None,
            progress,
            layout,
            rounds,
            channel: None,
            stopped: None,
            why: None,
            stranded: None,
            given_up: GivenUp::No,
        })
    }

    /// The same work, as part of the attempt with this token. Otherwise a token is drawn at random.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The same work over TLS: the destination must use it too, and have a certificate that fits.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsClient) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Returns why the guest does not go on here although the attempt has ended with the guest here; `None` if it does.
    ///
    /// It is part of the outcome that [`drive`](crate::machine::drive) returns: ask when that is there. Clients that ask
    /// meanwhile find it in [`Progress::stranded`].
    pub fn stranded(&self) -> Option<&Cause> {
        self.stranded.as_ref()
    }

    fn connect(&mut self, visit: &Visit) -> Result<ConnectingEvent<Cause>, Trouble> {
        self.rounds.begin();
        let peer = self.peer.take().ok_or_else(|| Trouble::protocol("there is nobody to connect to"))?;
        let wait = answer_due(visit);
        let channel = peer.open(&wait).and_then(|channel| {
            let mut channel = match &self.tls {
                Some(tls) => channel.secure_as_client(tls)?,
                None => channel,
            };
            channel.shake_hands(&wait)?;
            Ok(channel)
        });
        self.channel = Some(channel.map_err(|error| Trouble::channel(visit, &error))?);
        Ok(ConnectingEvent::Connected)
    }

    fn negotiate(&mut self, visit: &Visit) -> Result<NegotiatingEvent<Cause>, Trouble> {
        let welcome = hear(open(&mut self.channel)?, Message::Welcome, &answer_due(visit), visit)?;
        Welcome::decode(&welcome).map_err(|error| Trouble::protocol(error.to_string()))?;
        Ok(NegotiatingEvent::Welcome)
    }

    fn send_memory(&mut self, visit: &Visit) -> Result<ActiveEvent<Cause>, Trouble> {
        let Self { guest, channel, rounds, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        rounds.run(&mut Way { guest, channel, visit, wait })?;
        Ok(ActiveEvent::Converged)
    }

    fn stop_guest(&mut self, visit: &Visit) -> Result<StoppingEvent<Cause>, Trouble> {
        self.stopped = Some(Instant::now());
        self.rounds.release(&self.guest);
        self.guest.stop(&mut self.channel, visit)?;
        let Self { guest, channel, rounds, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        rounds.stopped(&mut Way { guest, channel, visit, wait })?;
        Ok(StoppingEvent::Stopped)
    }

    /// Keeps the destination waiting until the visit ends: only the user, or the destination, can end it. An answer to a
    /// question shows that the destination is there; that a socket takes bytes does not.
    fn hold_on(&mut self, visit: &Visit) -> Result<PreSwitchoverEvent<Cause>, Trouble> {
        let channel = open(&mut self.channel)?;
        loop {
            let asks = Instant::now() + SIGN_OF_LIFE;
            while let Some(left) = asks.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                let tick = Wait::new(visit, left);
                channel.pause(&tick).map_err(|error| Trouble::channel(visit, &error))?;
                let never_silent = tick.for_at_most(None);
                if !hear_signs(channel, &never_silent).map_err(|error| Trouble::channel(visit, &error))? {
                    return Err(listen(channel, visit));
                }
            }
            let answer = Wait::within(visit, Instant::now(), visit.timeout());
            if let Some(heard) = synchronise(channel, &answer).map_err(|error| Trouble::channel(visit, &error))? {
                return Err(unexpected(&heard, "the answer to a question"));
            }
        }
    }

    /// Sends the last pages and the device state, and waits until the destination has loaded all of it.
    fn send_rest(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, Trouble> {
        let wait = work_due(visit);
        let Self { guest, channel, rounds, .. } = self;
        rounds.finish(&mut Way { guest, channel, visit, wait })?;
        hear(open(&mut self.channel)?, Message::Ready, &wait, visit)?;
        Ok(DeviceEvent::Ready)
    }

    fn await_running(&mut self, visit: &Visit) -> Result<HandingOverEvent<Cause>, Trouble> {
        self.hear_running(visit).map_err(|trouble| trouble.on_timeout(IN_DOUBT))?;
        Ok(HandingOverEvent::Running)
    }

    /// Waits until the destination has given up, if it has not started the guest. What it said before the connection
    /// broke can still be read, and settles the doubt.
    fn settle_doubt(&mut self, visit: &Visit) -> Result<InDoubtEvent<Cause>, Trouble> {
        if self.given_up == GivenUp::No {
            return Err(Trouble::Refused(Cause::new(NOT_HANDED_OVER)));
        }
        let cause = match self.hear_running(visit) {
            Ok(()) => return Ok(InDoubtEvent::Running),
            Err(Trouble::Failed(cause)) => cause,
            Err(other) => return Err(other.on_timeout(IN_DOUBT)),
        };
        self.channel = None;
        answer_due(visit).sleep().map_err(|error| Trouble::channel(visit, &error))?;
        Err(Trouble::TimedOut(cause).on_timeout(IN_DOUBT))
    }

    fn hear_running(&mut self, visit: &Visit) -> Result<(), Trouble> {
        hear(open(&mut self.channel)?, Message::Running, &answer_due(visit), visit)?;
        if let Some(stopped) = self.stopped {
            self.progress.set_downtime(stopped.elapsed());
        }
        Ok(())
    }

    /// Keeps the words of a failure for the destination, which is told when this side hangs up.
    fn noted<E>(
        &mut self,
        state: &'static str,
        work: impl FnOnce(&mut Self) -> Result<E, Trouble>,
    ) -> Result<E, Trouble> {
        let span = tracing::info_span!("migration", role = "source", state);
        let found = span.in_scope(|| guarded(|| work(self)));
        if let Err(Trouble::TimedOut(cause) | Trouble::Refused(cause) | Trouble::Failed(cause)) = &found {
            self.why = Some(cause.clone());
        }
        found
    }

    fn say(&mut self, message: Message, visit: &Visit) -> Result<(), Trouble> {
        let payload = match message {
            Message::Hello => {
                let hello = Hello::new(self.attempt_token()?, self.guest.describe()?, self.layout.clone());
                hello.map_err(|error| Trouble::protocol(error.to_string()))?.encode()
            }
            Message::HandOver => HandOver { runs: self.guest.was_running() == WasRunning::Yes }.encode(),
            Message::Welcome | Message::Ready | Message::Running | Message::Refused => {
                unreachable!("the table gives `{message}` to the destination")
            }
        };
        say(open(&mut self.channel)?, message, &payload, visit)
    }

    fn attempt_token(&mut self) -> Result<Token, Trouble> {
        let random = || Token::random().map_err(|error| Trouble::protocol(format!("no token can be drawn: {error}")));
        let token = self.token.map_or_else(random, Ok)?;
        tracing::info!(attempt = %token, "the hello is sent");
        self.progress.set_token(token);
        Ok(token)
    }

    /// Releases all that the attempt held.
    fn release(&mut self) {
        self.channel = None;
        self.rounds.release(&self.guest);
        self.guest.stop_dirty_log();
    }

    /// Lets a guest that the attempt stopped go on here, and releases all that the attempt held.
    fn release_and_go_on(&mut self, visit: &Visit) {
        self.rounds.release(&self.guest);
        self.guest.stop_dirty_log();
        if let Err(error) = self.guest.go_on() {
            tracing::error!(%error, "the guest cannot go on here after the migration");
            let cause = Cause::new(Trouble::from(error).text());
            self.progress.set_stranded(&cause);
            self.stranded = Some(cause);
        }
        let why = self.why.as_ref().map_or(CANCELLED, Cause::text);
        hang_up(&mut self.channel, why, visit);
    }
}

impl Work for SourceWork {
    type Cause = Cause;

    fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent> {
        // If this panics, nobody knows how far it came.
        if message == Message::HandOver {
            self.given_up = GivenUp::MayBe;
        }
        let said = guarded(|| Ok(self.say(message, visit)));
        // A message is sent once the socket has taken all of it; of a part nobody can make anything.
        if let (Message::HandOver, Ok(Err(_))) = (message, &said) {
            self.given_up = GivenUp::No;
        }
        said.and_then(|said| said).map_err(Trouble::unsent)
    }

    fn connecting(&mut self, visit: &Visit) -> Result<ConnectingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("connecting", |work| work.connect(visit)))
    }

    fn negotiating(&mut self, visit: &Visit) -> Result<NegotiatingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("negotiating", |work| work.negotiate(visit)))
    }

    fn active(&mut self, visit: &Visit) -> Result<ActiveEvent<Cause>, VisitOver> {
        evidence(|| self.noted("active", |work| work.send_memory(visit)))
    }

    fn stopping(&mut self, visit: &Visit) -> Result<StoppingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("stopping", |work| work.stop_guest(visit)))
    }

    fn pre_switchover(&mut self, visit: &Visit) -> Result<PreSwitchoverEvent<Cause>, VisitOver> {
        evidence(|| self.noted("pre_switchover", |work| work.hold_on(visit)))
    }

    fn device(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, VisitOver> {
        evidence(|| self.noted("device", |work| work.send_rest(visit)))
    }

    fn handing_over(&mut self, visit: &Visit) -> Result<HandingOverEvent<Cause>, VisitOver> {
        evidence(|| self.noted("handing_over", |work| work.await_running(visit)))
    }

    fn in_doubt(&mut self, visit: &Visit) -> Result<InDoubtEvent<Cause>, VisitOver> {
        evidence(|| self.settle_doubt(visit))
    }

    fn completing(&mut self, _visit: &Visit) -> Result<CompletingEvent, VisitOver> {
        self.release();
        Ok(CompletingEvent::CleanedUp)
    }

    fn failing(&mut self, visit: &Visit) -> Result<FailingEvent, VisitOver> {
        self.release_and_go_on(visit);
        Ok(FailingEvent::CleanedUp)
    }

    fn taking_back(&mut self, visit: &Visit) -> Result<TakingBackEvent, VisitOver> {
        self.release_and_go_on(visit);
        Ok(TakingBackEvent::CleanedUp)
    }

    fn abandoning(&mut self, _visit: &Visit) -> Result<AbandoningEvent, VisitOver> {
        self.release();
        Ok(AbandoningEvent::CleanedUp)
    }

    fn cancelling(&mut self, visit: &Visit) -> Result<CancellingEvent, VisitOver> {
        self.release_and_go_on(visit);
        Ok(CancellingEvent::CleanedUp)
    }
}
