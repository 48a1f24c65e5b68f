//! The work of the side that has the guest: what is to be done in each state of the source.

mod departure;
mod dial;
mod hand_over;
mod hold_on;
mod link;
mod pages;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::departure::{Departure, Here};
use self::dial::Dial;
pub use self::hand_over::after_give_up;
use self::hand_over::{GivenUp, HandingOver};
use self::hold_on::hold_on;
use self::link::{Link, Postcopy};
use crate::cause::Cause;
use crate::channel::{Endpoint, Wait};
use crate::conversation::{answer_due, hang_up, hear, work_due};
use crate::custody::{CANCELLED, Custody, WasRunning, WhenOver};
use crate::guest::Guest;
use crate::machine::{Outcome, Unsent, Visit, VisitOver};
use crate::memory::{Layout, LayoutError};
use crate::multifd::Multifd;
use crate::parameters::Parameters;
use crate::postcopy::{Cell, Supply};
use crate::progress::Progress;
use crate::recovery::Recovery;
pub use crate::rounds::Notice;
use crate::rounds::Rounds;
use crate::states::Message;
use crate::states::source::{
    AbandoningEvent, ActiveEvent, CancellingEvent, CompletingEvent, ConnectingEvent, DeviceEvent, FailingEvent,
    HandingOverEvent, InDoubtEvent, NegotiatingEvent, PostcopyActiveEvent, PostcopyCompletingEvent,
    PostcopyDeviceEvent, PostcopyHandingOverEvent, PostcopyInDoubtEvent, PostcopyPausedEvent, PostcopyRecoverEvent,
    PostcopyRecoverSetupEvent, PreSwitchoverEvent, Source, StoppingEvent, TakingBackEvent, Work,
};
use crate::tls::TlsClient;
use crate::trouble::{Trouble, evidence, guarded, troubles};
use crate::way::Way;
use crate::wire::{HandOver, Hello, Token, Welcome, encode_membership};

/// How long what was being sent when a post-copy was started may take to leave.
const FRAME_MAX: Duration = Duration::from_secs(10);

/// How long the destination may take to read that the post-copy is complete.
const FAREWELL: Duration = Duration::from_secs(2);

troubles! {
    ConnectingEvent(TimedOut, Failed, Failed);
    NegotiatingEvent(TimedOut, Refused, Failed);
    ActiveEvent(TimedOut, Refused, Failed);
    StoppingEvent(Failed, Failed, Failed);
    PreSwitchoverEvent(TimedOut, Refused, Failed);
    DeviceEvent(TimedOut, Refused, Failed);
    HandingOverEvent(TimedOut, Refused, Failed);
    InDoubtEvent(TimedOut, Refused, TimedOut);
    PostcopyDeviceEvent(TimedOut, Refused, Failed);
    PostcopyHandingOverEvent(TimedOut, Refused, Failed);
    PostcopyInDoubtEvent(TimedOut, Refused, TimedOut);
    PostcopyActiveEvent(TimedOut, Failed, Failed);
    PostcopyRecoverSetupEvent(TimedOut, Failed, Failed);
    PostcopyRecoverEvent(TimedOut, Failed, Failed);
}

/// The source's half of one attempt.
pub struct SourceWork {
    guest: Custody,
    link: Link,
    progress: Arc<Progress>,
    layout: Layout,
    rounds: Rounds,
    stopped: Option<Instant>,
    why: Option<Cause>,
    stranded: Option<Cause>,
    handing_over: HandingOver,
    /// Whether all but the last pages has been sent: otherwise a post-copy was started before.
    converged: bool,
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
            link: Link::new(Dial::new(peer.into()), Arc::clone(&progress)),
            progress,
            layout,
            rounds,
            stopped: None,
            why: None,
            stranded: None,
            handing_over: HandingOver::new(),
            converged: false,
        })
    }

    /// The same work, as part of the attempt with this token. Otherwise a token is drawn at random.
    #[must_use]
    pub fn with_token(mut self, token: Token) -> Self {
        self.link.token = Some(token);
        self
    }

    /// The same work over TLS: the destination must use it too, and have a certificate that fits.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsClient) -> Self {
        self.link.dial.tls = Some(tls);
        self
    }

    /// The same work, in which a post-copy can be started: the destination must allow it too. It needs a second
    /// connection, so `peer` must be an address or a listener. The machine's guard for it must hold.
    #[must_use]
    pub fn with_postcopy(mut self) -> Self {
        self.link.postcopy = Postcopy::Allowed;
        self
    }

    /// The same work, which sends pages over further connections: the destination must await as many. Unless these have
    /// endpoints of their own, `peer` must be an address or a listener.
    #[must_use]
    pub fn with_multifd(mut self, multifd: Multifd) -> Self {
        self.link.multifd = Some(multifd);
        self
    }

    /// Returns where to say how a paused post-copy connects again, before the trigger `resume` is raised.
    pub fn recovery(&self) -> Recovery {
        self.link.dial.recovery().clone()
    }

    /// Returns this side's half of a post-copy, which is there from the switchover on.
    pub fn supply(&self) -> Cell<Supply> {
        self.link.supply.clone()
    }

    /// Returns what the attempt came to, from the outcome that [`drive`](crate::machine::drive) returned.
    ///
    /// Clients that ask meanwhile find out from [`Progress::stranded`] that the guest cannot go on here.
    pub fn departure(&self, outcome: &Outcome<Source>) -> Departure {
        Departure::of(outcome, self.stranded.as_ref(), self.link.runs_there)
    }

    fn connect(&mut self, visit: &Visit) -> Result<ConnectingEvent<Cause>, Trouble> {
        self.rounds.begin();
        self.link.connect(visit)?;
        Ok(ConnectingEvent::Connected)
    }

    fn negotiate(&mut self, visit: &Visit) -> Result<NegotiatingEvent<Cause>, Trouble> {
        let welcome = hear(self.link.open()?, Message::Welcome, &answer_due(visit), visit)?;
        Welcome::decode(&welcome).map_err(|error| Trouble::protocol(error.to_string()))?;
        if let Some(channels) = self.link.open_pages(visit)? {
            self.rounds.open_pages(channels, visit)?;
        }
        Ok(NegotiatingEvent::Welcome)
    }

    fn send_memory(&mut self, visit: &Visit) -> Result<ActiveEvent<Cause>, Trouble> {
        // What ends this visit may be a post-copy, which goes on with the connection.
        self.guest.set_when_over(if self.link.postcopy == Postcopy::Allowed {
            WhenOver::Stay
        } else {
            WhenOver::HangUp
        });
        let Self { guest, link, rounds, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        let sent = rounds.run(&mut Way { guest, channel: &mut link.channel, visit, wait });
        self.guest.set_when_over(WhenOver::HangUp);
        sent?;
        self.converged = true;
        Ok(ActiveEvent::Converged)
    }

    fn stop_guest(&mut self, visit: &Visit) -> Result<StoppingEvent<Cause>, Trouble> {
        if !self.converged {
            let wait = Wait::within(visit, Instant::now(), FRAME_MAX);
            let finished = self.link.open()?.finish_write(&wait);
            finished.map_err(|error| Trouble::channel(visit, &error.of_other_bound("a fixed bound")))?;
        }
        self.stopped = Some(Instant::now());
        self.rounds.release(&self.guest);
        self.guest.stop(&mut self.link.channel, visit)?;
        let Self { guest, link, rounds, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        rounds.stopped(&mut Way { guest, channel: &mut link.channel, visit, wait })?;
        Ok(StoppingEvent::Stopped)
    }

    /// Sends the last pages and the device state, and waits until the destination has loaded all of it.
    fn send_rest(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, Trouble> {
        let wait = work_due(visit);
        let Self { guest, link, rounds, .. } = self;
        let way = &mut Way { guest, channel: &mut link.channel, visit, wait };
        if !self.converged {
            link.missing = Some(rounds.package(way)?);
            return Ok(DeviceEvent::Packaged);
        }
        rounds.finish(way)?;
        self.handing_over.hear_ready(self.link.open()?, Message::Ready, &wait, visit)?;
        Ok(DeviceEvent::Ready)
    }

    /// Answers page requests from now on, and waits until the destination has loaded the device state.
    fn await_prepared(&mut self, visit: &Visit) -> Result<PostcopyDeviceEvent<Cause>, Trouble> {
        let wait = work_due(visit);
        self.link.serve_requests(visit, &wait)?;
        self.handing_over.hear_ready(self.link.open()?, Message::Prepared, &wait, visit)?;
        Ok(PostcopyDeviceEvent::Prepared)
    }

    fn await_running(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let heard = self.handing_over.hear_running(self.link.open()?, visit);
        heard.map_err(|trouble| trouble.on_timeout(self.link.in_doubt()))?;
        self.note_running();
        Ok(())
    }

    fn settle_doubt(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let in_doubt = self.link.in_doubt();
        self.handing_over.settle(&mut self.link.channel, in_doubt, visit)?;
        self.note_running();
        Ok(())
    }

    fn note_running(&mut self) {
        self.link.note_running();
        if let Some(stopped) = self.stopped {
            self.progress.set_downtime(stopped.elapsed());
        }
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
                let hello = Hello::new(self.link.attempt_token()?, self.guest.describe()?, self.layout.clone());
                let hello = hello.map_err(|error| Trouble::protocol(error.to_string()))?;
                let hello = if self.link.postcopy == Postcopy::Allowed { hello.with_postcopy() } else { hello };
                let hello = match &self.link.multifd {
                    Some(multifd) => hello.with_page_channels(multifd.count()),
                    None => hello,
                };
                tracing::info!(attempt = %hello.token(), "the hello is sent");
                hello.encode()
            }
            Message::HandOver => HandOver { runs: self.guest.was_running() == WasRunning::Yes }.encode(),
            Message::Listen => {
                self.link.say(message, &[], visit)?;
                return self.link.begin_supply(&self.guest.memory()?, visit);
            }
            Message::Released => Vec::new(),
            Message::ResumeRequest => encode_membership(self.link.attempt_token()?),
            Message::Welcome
            | Message::Ready
            | Message::Running
            | Message::Refused
            | Message::Prepared
            | Message::Complete
            | Message::Missing => unreachable!("the table gives `{message}` to the destination"),
        };
        self.link.say(message, &payload, visit)
    }

    /// Releases all that the attempt held.
    fn release(&mut self) {
        self.rounds.close_pages();
        self.link.hang_up();
        self.link.supply.take();
        self.rounds.release(&self.guest);
        self.guest.stop_dirty_log();
    }

    /// Lets a guest that the attempt stopped go on here, and releases all that the attempt held.
    fn release_and_go_on(&mut self, visit: &Visit) {
        self.rounds.halt_pages();
        if let Some(supply) = self.link.supply.take() {
            supply.disconnect();
        }
        self.rounds.release(&self.guest);
        self.guest.stop_dirty_log();
        if let Err(error) = self.guest.go_on() {
            tracing::error!(%error, "the guest cannot go on here after the migration");
            let cause = Cause::new(Trouble::from(error).text());
            self.progress.set_stranded(&cause);
            self.stranded = Some(cause);
        }
        let why = self.why.as_ref().map_or(CANCELLED, Cause::text);
        hang_up(&mut self.link.channel, why, visit);
        // The destination is told why before it finds these closed.
        self.rounds.close_pages();
    }
}

impl Work for SourceWork {
    type Cause = Cause;

    fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent> {
        // If this panics, nobody knows how far it came.
        if message == Message::HandOver {
            self.handing_over.given_up = GivenUp::MayBe;
        }
        let said = guarded(|| Ok(self.say(message, visit)));
        // A message is sent once the socket has taken all of it; of a part nobody can make anything.
        if let (Message::HandOver, Ok(Err(_))) = (message, &said) {
            self.handing_over.given_up = GivenUp::No;
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
        evidence(|| self.noted("pre_switchover", |work| hold_on(work.link.open()?, &mut work.rounds, visit)))
    }

    fn device(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, VisitOver> {
        evidence(|| self.noted("device", |work| work.send_rest(visit)))
    }

    fn handing_over(&mut self, visit: &Visit) -> Result<HandingOverEvent<Cause>, VisitOver> {
        evidence(|| self.noted("handing_over", |work| work.await_running(visit).map(|()| HandingOverEvent::Running)))
    }

    fn in_doubt(&mut self, visit: &Visit) -> Result<InDoubtEvent<Cause>, VisitOver> {
        evidence(|| self.settle_doubt(visit).map(|()| InDoubtEvent::Running))
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

    fn postcopy_device(&mut self, visit: &Visit) -> Result<PostcopyDeviceEvent<Cause>, VisitOver> {
        evidence(|| self.noted("postcopy_device", |work| work.await_prepared(visit)))
    }

    fn postcopy_handing_over(&mut self, visit: &Visit) -> Result<PostcopyHandingOverEvent<Cause>, VisitOver> {
        let running = |()| PostcopyHandingOverEvent::Running;
        evidence(|| self.noted("postcopy_handing_over", |work| work.await_running(visit).map(running)))
    }

    fn postcopy_in_doubt(&mut self, visit: &Visit) -> Result<PostcopyInDoubtEvent<Cause>, VisitOver> {
        evidence(|| self.settle_doubt(visit).map(|()| PostcopyInDoubtEvent::Running))
    }

    fn postcopy_active(&mut self, visit: &Visit) -> Result<PostcopyActiveEvent<Cause>, VisitOver> {
        evidence(|| self.noted("postcopy_active", |work| work.link.push(visit).map(|()| PostcopyActiveEvent::Complete)))
    }

    fn postcopy_paused(&mut self, visit: &Visit) -> Result<PostcopyPausedEvent<Cause>, VisitOver> {
        let cause = self.link.pause(visit)?;
        self.why = Some(cause.clone());
        Ok(PostcopyPausedEvent::Refused(cause))
    }

    fn postcopy_recover_setup(&mut self, visit: &Visit) -> Result<PostcopyRecoverSetupEvent<Cause>, VisitOver> {
        let connected = |()| PostcopyRecoverSetupEvent::Connected;
        evidence(|| self.noted("postcopy_recover_setup", |work| work.link.connect_again(visit).map(connected)))
    }

    fn postcopy_recover(&mut self, visit: &Visit) -> Result<PostcopyRecoverEvent<Cause>, VisitOver> {
        let recount = |work: &mut Self| work.link.recount(&work.layout, visit);
        evidence(|| self.noted("postcopy_recover", recount).map(|()| PostcopyRecoverEvent::Missing))
    }

    fn postcopy_completing(&mut self, visit: &Visit) -> Result<PostcopyCompletingEvent, VisitOver> {
        // A reset would take the last message from the destination.
        if let Some(channel) = &mut self.link.channel
            && let Err(error) = channel.finish(&Wait::within(visit, Instant::now(), FAREWELL))
        {
            tracing::debug!(%error, "the destination did not hang up");
        }
        self.release();
        Ok(PostcopyCompletingEvent::CleanedUp)
    }
}
