//! What the machine of a source calls in each of its states.

use std::time::{Duration, Instant};

use super::SourceWork;
use super::hand_over::GivenUp;
use super::hold_on::hold_on;
use crate::cause::Cause;
use crate::channel::Wait;
use crate::machine::{Unsent, Visit, VisitOver};
use crate::states::Message;
use crate::states::source::{
    AbandoningEvent, ActiveEvent, CancellingEvent, CompletingEvent, ConnectingEvent, DeviceEvent, FailingEvent,
    HandingOverEvent, InDoubtEvent, NegotiatingEvent, PostcopyActiveEvent, PostcopyCompletingEvent,
    PostcopyDeviceEvent, PostcopyHandingOverEvent, PostcopyInDoubtEvent, PostcopyPausedEvent, PostcopyRecoverEvent,
    PostcopyRecoverSetupEvent, PreSwitchoverEvent, StoppingEvent, TakingBackEvent, Work,
};
use crate::trouble::{Trouble, evidence, guarded, troubles};

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
