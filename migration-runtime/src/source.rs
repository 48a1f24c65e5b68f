//! The work of the side that has the guest: what is to be done in each state of the source.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::address::Address;
use crate::cause::Cause;
use crate::channel::{Channel, ChannelError, Peek, Wait};
use crate::convergence::{Convergence, Measured};
use crate::conversation::{answer_due, hang_up, hear, listen, say, unexpected};
use crate::custody::{CANCELLED, Custody, WasRunning, WhenOver};
use crate::dirty::DirtyBitmap;
use crate::guest::Guest;
use crate::machine::{Unsent, Visit, VisitOver};
use crate::memory::{Layout, LayoutError, Memory};
use crate::parameters::Parameters;
use crate::progress::Progress;
use crate::states::Message;
use crate::states::source::{
    AbandoningEvent, ActiveEvent, CancellingEvent, CompletingEvent, ConnectingEvent, DeviceEvent, FailingEvent,
    HandingOverEvent, InDoubtEvent, NegotiatingEvent, PreSwitchoverEvent, StoppingEvent, TakingBackEvent, Work,
};
use crate::transfer::{Pace, Sender, Sent, synchronise};
use crate::trouble::{Trouble, evidence, guarded, troubles};
use crate::wire::{HandOver, Hello, Welcome};

/// While nothing else is said, the destination is asked this often whether it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Rounds that do not bring the end nearer follow each other at this distance at least, so that a guest which keeps
/// writing a few pages is not chased by a busy loop.
const ROUND_MIN: Duration = Duration::from_millis(10);

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
    address: Address,
    parameters: Arc<Parameters>,
    progress: Arc<Progress>,
    on_pass: Box<dyn FnMut(u64) + Send>,
    sender: Sender,
    memory: Memory,
    layout: Layout,
    dirty: DirtyBitmap,
    passes: u64,
    channel: Option<Channel>,
    stopped: Option<Instant>,
    why: Option<Cause>,
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
    /// The work of moving `guest` to whoever listens at `address`.
    ///
    /// `on_pass` is called with the number of each pass over the dirty log, from 1 on; it must not block.
    ///
    /// # Errors
    ///
    /// When the guest's memory is not one that can be moved.
    pub fn new(
        guest: Arc<dyn Guest>,
        address: Address,
        parameters: Arc<Parameters>,
        progress: Arc<Progress>,
        on_pass: impl FnMut(u64) + Send + 'static,
    ) -> Result<Self, LayoutError> {
        let memory = guest.memory();
        let layout = Layout::of(&memory)?;
        let dirty = DirtyBitmap::new(&layout);
        let sender = Sender::new(Arc::clone(&parameters), Arc::clone(&progress));
        Ok(Self {
            guest: Custody::new(guest, WhenOver::HangUp),
            address,
            parameters,
            progress,
            on_pass: Box::new(on_pass),
            sender,
            memory,
            layout,
            dirty,
            passes: 0,
            channel: None,
            stopped: None,
            why: None,
            given_up: GivenUp::No,
        })
    }

    fn connect(&mut self, visit: &Visit) -> Result<ConnectingEvent<Cause>, Trouble> {
        let channel = Channel::connect(&self.address, &answer_due(visit));
        self.channel = Some(channel.map_err(|error| Trouble::channel(visit, &error))?);
        Ok(ConnectingEvent::Connected)
    }

    fn negotiate(&mut self, visit: &Visit) -> Result<NegotiatingEvent<Cause>, Trouble> {
        let welcome = hear(open(&mut self.channel)?, Message::Welcome, &answer_due(visit), visit)?;
        Welcome::decode(&welcome).map_err(|error| Trouble::protocol(error.to_string()))?;
        Ok(NegotiatingEvent::Welcome)
    }

    /// Sends all memory, then what the guest wrote meanwhile, until the rest fits into the downtime limit.
    fn send_rounds(&mut self, visit: &Visit) -> Result<ActiveEvent<Cause>, Trouble> {
        let wait = Wait::new(visit, visit.timeout());
        self.guest.call("start_dirty_log", &mut self.channel, visit, |guest| guest.start_dirty_log())?;
        self.dirty.set_all();
        loop {
            let began = Instant::now();
            self.pass();
            self.send_round(Pace::Bounded, visit)?;
            if self.look(began, visit)? == Convergence::SwitchOver {
                // What is still on its way would keep the stopped guest waiting: let it arrive first, and look again.
                self.let_arrive(visit)?;
                if self.look(began, visit)? == Convergence::SwitchOver {
                    return Ok(ActiveEvent::Converged);
                }
            }
            let rest = ROUND_MIN.saturating_sub(began.elapsed());
            let channel = open(&mut self.channel)?;
            let paused = channel.pause(&wait.for_at_most(rest));
            if paused.map_err(|error| Trouble::channel(visit, &error))? != Peek::Quiet {
                return Err(listen(channel, visit));
            }
        }
    }

    /// Takes in what the guest has written in the round that `began` then, and decides whether it can be stopped now.
    fn look(&mut self, began: Instant, visit: &Visit) -> Result<Convergence, Trouble> {
        self.harvest(visit)?;
        self.progress.measure_dirty(self.dirty.count(), began.elapsed());
        self.progress.set_remaining(self.dirty.bytes());
        let rate = self.progress.snapshot().rate;
        let measured = Measured { remaining_bytes: self.dirty.bytes(), rate };
        self.progress.set_expected_downtime(measured.expected_downtime());
        Ok(measured.decide(self.parameters.downtime_limit()))
    }

    /// Adds the pages that the guest has written since the last time to those that have to be sent.
    fn harvest(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let Self { guest, channel, dirty, .. } = self;
        guest.call("harvest_dirty_log", channel, visit, |guest| guest.harvest_dirty_log(dirty))
    }

    fn let_arrive(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let channel = open(&mut self.channel)?;
        let wait = Wait::new(visit, visit.timeout());
        match synchronise(channel, &wait).map_err(|error| Trouble::channel(visit, &error))? {
            None => Ok(()),
            Some(heard) => Err(unexpected(&heard, "nothing")),
        }
    }

    fn stop_guest(&mut self, visit: &Visit) -> Result<StoppingEvent<Cause>, Trouble> {
        self.stopped = Some(Instant::now());
        self.guest.stop(&mut self.channel, visit)?;
        self.harvest(visit)?;
        self.progress.set_remaining(self.dirty.bytes());
        self.pass();
        Ok(StoppingEvent::Stopped)
    }

    /// Keeps the destination waiting until the visit ends: only the user, or the destination, can end it. An answer to a
    /// question shows that the destination is there; that a socket takes bytes does not.
    fn hold_on(&mut self, visit: &Visit) -> Result<PreSwitchoverEvent<Cause>, Trouble> {
        let channel = open(&mut self.channel)?;
        loop {
            let tick = Wait::new(visit, SIGN_OF_LIFE);
            let quiet = channel.pause(&tick).map_err(|error| Trouble::channel(visit, &error))?;
            if quiet != Peek::Quiet {
                return Err(listen(channel, visit));
            }
            let answer = Wait::within(visit, Instant::now(), visit.timeout());
            if let Some(heard) = synchronise(channel, &answer).map_err(|error| Trouble::channel(visit, &error))? {
                return Err(unexpected(&heard, "the answer to a question"));
            }
        }
    }

    /// Sends the last pages and the device state, and waits until the destination has loaded all of it.
    ///
    /// Memory is complete only after the device state was saved: a device may write what it still had in hand while it is
    /// saved. Such pages follow the device state, so most pages leave before it, and few keep the guest waiting.
    fn send_rest(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, Trouble> {
        self.harvest(visit)?;
        self.send_round(Pace::Unbounded, visit)?;
        self.save(visit)?;
        self.harvest(visit)?;
        if !self.dirty.is_empty() {
            self.send_round(Pace::Unbounded, visit)?;
        }
        let wait = Wait::new(visit, visit.timeout());
        let sent = self.sender.end_memory(open(&mut self.channel)?, &wait);
        self.all_sent(sent, visit)?;
        hear(open(&mut self.channel)?, Message::Ready, &wait, visit)?;
        Ok(DeviceEvent::Ready)
    }

    /// Sends the device state as the guest saves it.
    fn save(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let Self { guest, channel, sender, .. } = self;
        let wait = Wait::new(visit, visit.timeout());
        let send = |channel: &mut Option<Channel>, piece: &[u8]| {
            let channel = open(channel)?;
            let sent = sender.send_state(channel, piece, &wait);
            all_sent(sent, channel, visit)
        };
        guest.save("save", channel, visit, |guest, state| guest.save(state), send)?;
        let sent = self.sender.end_state(open(&mut self.channel)?, &wait);
        self.all_sent(sent, visit)
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

    fn send_round(&mut self, pace: Pace, visit: &Visit) -> Result<(), Trouble> {
        let wait = Wait::new(visit, visit.timeout());
        let channel = open(&mut self.channel)?;
        let sent = self.sender.send_round(channel, &self.memory, &mut self.dirty, pace, &wait);
        self.all_sent(sent, visit)
    }

    fn all_sent(&mut self, sent: Result<Sent, ChannelError>, visit: &Visit) -> Result<(), Trouble> {
        all_sent(sent, open(&mut self.channel)?, visit)
    }

    /// Keeps the words of a failure for the destination, which is told when this side hangs up.
    fn noted<E>(&mut self, work: impl FnOnce(&mut Self) -> Result<E, Trouble>) -> Result<E, Trouble> {
        let found = guarded(|| work(self));
        if let Err(Trouble::TimedOut(cause) | Trouble::Refused(cause) | Trouble::Failed(cause)) = &found {
            self.why = Some(cause.clone());
        }
        found
    }

    fn say(&mut self, message: Message, visit: &Visit) -> Result<(), Trouble> {
        let payload = match message {
            Message::Hello => Hello::new(self.guest.guest().kind(), self.layout.clone()).encode(),
            Message::HandOver => HandOver { runs: self.guest.was_running() == WasRunning::Yes }.encode(),
            Message::Welcome | Message::Ready | Message::Running | Message::Refused => {
                unreachable!("the table gives `{message}` to the destination")
            }
        };
        say(open(&mut self.channel)?, message, &payload, visit)
    }

    fn pass(&mut self) {
        self.passes += 1;
        (self.on_pass)(self.passes);
    }

    /// Releases all that the attempt held.
    fn release(&mut self) {
        self.channel = None;
        self.guest.stop_dirty_log();
    }

    /// Lets a guest that the attempt stopped go on here, and releases all that the attempt held.
    fn release_and_go_on(&mut self, visit: &Visit) {
        self.guest.stop_dirty_log();
        if let Err(error) = self.guest.go_on() {
            tracing::error!(%error, "the guest cannot go on here after the migration");
        }
        let why = self.why.as_ref().map_or(CANCELLED, Cause::text);
        hang_up(&mut self.channel, why, visit);
    }
}

/// Makes trouble of what kept the sender from sending all.
fn all_sent(sent: Result<Sent, ChannelError>, channel: &mut Channel, visit: &Visit) -> Result<(), Trouble> {
    match sent.map_err(|error| Trouble::channel(visit, &error))? {
        Sent::All | Sent::TimeUp => Ok(()),
        Sent::PeerSpoke => Err(listen(channel, visit)),
    }
}

/// The channel, which every state after `connecting` has.
fn open(channel: &mut Option<Channel>) -> Result<&mut Channel, Trouble> {
    channel.as_mut().ok_or_else(|| Trouble::protocol("there is no connection to the destination"))
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
        evidence(|| self.noted(|work| work.connect(visit)))
    }

    fn negotiating(&mut self, visit: &Visit) -> Result<NegotiatingEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.negotiate(visit)))
    }

    fn active(&mut self, visit: &Visit) -> Result<ActiveEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.send_rounds(visit)))
    }

    fn stopping(&mut self, visit: &Visit) -> Result<StoppingEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.stop_guest(visit)))
    }

    fn pre_switchover(&mut self, visit: &Visit) -> Result<PreSwitchoverEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.hold_on(visit)))
    }

    fn device(&mut self, visit: &Visit) -> Result<DeviceEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.send_rest(visit)))
    }

    fn handing_over(&mut self, visit: &Visit) -> Result<HandingOverEvent<Cause>, VisitOver> {
        evidence(|| self.noted(|work| work.await_running(visit)))
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
