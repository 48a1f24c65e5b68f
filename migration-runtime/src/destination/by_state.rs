//! What the machine of a destination calls in each of its states.

use super::{DestinationWork, open};
use crate::cause::Cause;
use crate::conversation::{answer_due, hear};
use crate::machine::{Unsent, Visit, VisitOver};
use crate::states::Message;
use crate::states::destination::{
    ClosingEvent, ConfirmingEvent, FailingEvent, FinishingEvent, ListeningEvent, LoadingEvent, LosingEvent,
    PostcopyActiveEvent, PostcopyAwaitingEvent, PostcopyDeviceEvent, PostcopyFailingEvent, PostcopyFinishingEvent,
    PostcopyPausedEvent, PostcopyRecoverEvent, PostcopyStandingByEvent, PostcopyStartingEvent, StandingByEvent,
    StartingEvent, Work,
};
use crate::trouble::{Trouble, evidence, guarded, troubles};

troubles! {
    ListeningEvent(TimedOut, Failed, Failed);
    LoadingEvent(TimedOut, Failed, Failed);
    StandingByEvent(TimedOut, Failed, Failed);
    StartingEvent(Failed, Failed, Failed);
    PostcopyDeviceEvent(TimedOut, Failed, Failed);
    PostcopyStandingByEvent(TimedOut, Failed, Failed);
    PostcopyStartingEvent(Failed, Failed, Failed);
    PostcopyActiveEvent(TimedOut, Failed, Failed);
    ConfirmingEvent(TimedOut, Failed, Failed);
    PostcopyAwaitingEvent(TimedOut, Failed, Failed);
    PostcopyRecoverEvent(TimedOut, Failed, Failed);
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
        evidence(|| self.noted("standing_by", |work| work.stand_by(visit).map(|()| StandingByEvent::HandOver)))
    }

    fn starting(&mut self, visit: &Visit) -> Result<StartingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("starting", |work| work.start(visit).map(|()| StartingEvent::Started)))
    }

    fn finishing(&mut self, _visit: &Visit) -> Result<FinishingEvent, VisitOver> {
        self.hang_up();
        Ok(FinishingEvent::CleanedUp)
    }

    fn closing(&mut self, _visit: &Visit) -> Result<ClosingEvent, VisitOver> {
        self.meet.close();
        Ok(ClosingEvent::CleanedUp)
    }

    fn failing(&mut self, visit: &Visit) -> Result<FailingEvent, VisitOver> {
        self.fail(visit);
        Ok(FailingEvent::CleanedUp)
    }

    fn postcopy_device(&mut self, visit: &Visit) -> Result<PostcopyDeviceEvent<Cause>, VisitOver> {
        evidence(|| self.noted("postcopy_device", |work| work.load_devices(visit)))
    }

    fn postcopy_standing_by(&mut self, visit: &Visit) -> Result<PostcopyStandingByEvent<Cause>, VisitOver> {
        let heard = |()| PostcopyStandingByEvent::HandOver;
        evidence(|| self.noted("postcopy_standing_by", |work| work.stand_by(visit).map(heard)))
    }

    fn postcopy_starting(&mut self, visit: &Visit) -> Result<PostcopyStartingEvent<Cause>, VisitOver> {
        let started = |()| PostcopyStartingEvent::Started;
        evidence(|| self.noted("postcopy_starting", |work| work.start(visit).map(started)))
    }

    fn postcopy_failing(&mut self, visit: &Visit) -> Result<PostcopyFailingEvent, VisitOver> {
        self.fail(visit);
        self.arrival.end(&self.progress);
        Ok(PostcopyFailingEvent::CleanedUp)
    }

    fn postcopy_active(&mut self, visit: &Visit) -> Result<PostcopyActiveEvent<Cause>, VisitOver> {
        evidence(|| self.noted("postcopy_active", |work| work.fetch_pages(visit)))
    }

    fn confirming(&mut self, visit: &Visit) -> Result<ConfirmingEvent<Cause>, VisitOver> {
        evidence(|| {
            self.noted("confirming", |work| {
                hear(open(&mut work.channel)?, Message::Released, &answer_due(visit), visit)?;
                Ok(ConfirmingEvent::Released)
            })
        })
    }

    fn postcopy_paused(&mut self, visit: &Visit) -> Result<PostcopyPausedEvent, VisitOver> {
        self.channel = None;
        self.meet.close();
        Err(self.arrival.pause(visit))
    }

    fn postcopy_awaiting(&mut self, visit: &Visit) -> Result<PostcopyAwaitingEvent<Cause>, VisitOver> {
        evidence(|| self.noted("postcopy_awaiting", |work| work.await_recovery(visit)))
    }

    fn postcopy_recover(&mut self, _visit: &Visit) -> Result<PostcopyRecoverEvent<Cause>, VisitOver> {
        // What is missing is on the books already, and is said with the message.
        Ok(PostcopyRecoverEvent::Counted)
    }

    fn postcopy_finishing(&mut self, _visit: &Visit) -> Result<PostcopyFinishingEvent, VisitOver> {
        self.hang_up();
        self.arrival.end(&self.progress);
        Ok(PostcopyFinishingEvent::CleanedUp)
    }

    fn losing(&mut self, _visit: &Visit) -> Result<LosingEvent, VisitOver> {
        self.hang_up();
        let Self { guest, arrival, progress, .. } = self;
        guest.stop_lost(|| arrival.end(progress));
        Ok(LosingEvent::CleanedUp)
    }
}
