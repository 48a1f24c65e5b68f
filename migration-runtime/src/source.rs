//! The work of the side that has the guest: what is to be done in each state of the source.

mod by_state;
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
use self::hand_over::HandingOver;
pub use self::hand_over::after_give_up;
use self::link::{Link, Postcopy};
use crate::cause::Cause;
use crate::channel::{Endpoint, Wait};
use crate::conversation::{answer_due, hang_up, hear, work_due};
use crate::custody::{CANCELLED, Custody, WasRunning, WhenOver};
use crate::guest::Guest;
use crate::machine::{Outcome, Visit};
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
    ActiveEvent, ConnectingEvent, DeviceEvent, NegotiatingEvent, PostcopyDeviceEvent, Source, StoppingEvent,
};
use crate::tls::TlsClient;
use crate::trouble::{Trouble, guarded};
use crate::way::Way;
use crate::wire::{HandOver, Hello, Token, Welcome, encode_membership};

/// When a post-copy is started: how long the frame that was being sent may take to leave, and how long the destination may
/// be silent until all that was sent has arrived.
const FRAME_MAX: Duration = Duration::from_secs(10);

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
            self.clear_way(visit)?;
        }
        self.stopped = Some(Instant::now());
        self.rounds.release(&self.guest);
        self.guest.stop(&mut self.link.channel, visit)?;
        let Self { guest, link, rounds, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        rounds.stopped(&mut Way { guest, channel: &mut link.channel, visit, wait })?;
        Ok(StoppingEvent::Stopped)
    }

    /// Before a post-copy: lets what was being sent arrive while the guest still runs. It would keep the stopped guest
    /// waiting.
    fn clear_way(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let wait = Wait::within(visit, Instant::now(), FRAME_MAX);
        let finished = self.link.open()?.finish_write(&wait);
        finished.map_err(|error| Trouble::channel(visit, &error.of_other_bound("a fixed bound")))?;
        let Self { guest, link, rounds, .. } = self;
        let wait = Wait::new(visit, Some(FRAME_MAX));
        rounds.let_arrive(&mut Way { guest, channel: &mut link.channel, visit, wait })
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
