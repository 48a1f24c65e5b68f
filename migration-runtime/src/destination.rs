//! The work of the side that receives the guest: what is to be done in each state of the destination.

mod lobby;

use std::sync::Arc;
use std::time::Duration;

use crate::cause::Cause;
use crate::channel::{Channel, Listener, Wait};
use crate::conversation::{hear, say, unexpected};
use crate::guest::Guest;
use crate::machine::{Unsent, Visit, VisitOver};
use crate::memory::{Layout, LayoutError};
use crate::progress::Progress;
use crate::states::Message;
use crate::states::destination::{
    ClosingEvent, FailingEvent, FinishingEvent, ListeningEvent, LoadingEvent, StandingByEvent, StartingEvent, Work,
};
use crate::transfer::{Received, Receiver};
use crate::trouble::{Trouble, evidence, troubles};
use crate::wire::{Hello, Refusal, Welcome};

/// How long a source that is told of a failure may take to hang up.
const FAREWELL: Duration = Duration::from_secs(2);

troubles! {
    ListeningEvent(TimedOut, Failed, Failed);
    LoadingEvent(TimedOut, Failed, Failed);
    StandingByEvent(TimedOut, Failed, Failed);
    StartingEvent(Failed, Failed, Failed);
}

/// The destination's half of one attempt.
pub struct DestinationWork {
    guest: Arc<dyn Guest>,
    progress: Arc<Progress>,
    layout: Layout,
    listener: Option<Listener>,
    channel: Option<Channel>,
    welcome: Option<Welcome>,
    why: Option<Cause>,
}

impl DestinationWork {
    /// The work of taking in a guest from whoever connects to `listener`, into the memory of `guest`, which is stopped.
    ///
    /// # Errors
    ///
    /// When the guest's memory is not one that can be filled.
    pub fn new(guest: Arc<dyn Guest>, listener: Listener, progress: Arc<Progress>) -> Result<Self, LayoutError> {
        let layout = Layout::of(guest.memory())?;
        let listener = Some(listener);
        Ok(Self { guest, progress, layout, listener, channel: None, welcome: None, why: None })
    }

    /// Waits for a source whose guest fits. Whoever else connects is sent away, and the wait goes on.
    fn await_source(&mut self, visit: &Visit) -> Result<ListeningEvent<Cause>, Trouble> {
        let Some(listener) = &self.listener else {
            return Err(Trouble::protocol("there is nothing to listen on"));
        };
        let hello = Hello::new(self.guest.kind(), self.layout.clone());
        let (channel, welcome) = lobby::receive(listener, &hello, visit)?;
        self.channel = Some(channel);
        self.welcome = Some(welcome);
        self.listener = None;
        Ok(ListeningEvent::Hello)
    }

    /// Takes in memory and device state until both are here, whole, and the guest has taken the latter.
    fn load(&mut self, visit: &Visit) -> Result<LoadingEvent<Cause>, Trouble> {
        let wait = Wait::new(visit, visit.timeout());
        let channel = open(&mut self.channel)?;
        let mut receiver = Receiver::new(self.guest.memory(), &self.layout, Arc::clone(&self.progress));
        let (mut memory, mut state) = (false, None);
        while !memory || state.is_none() {
            match receiver.next(channel, &wait).map_err(|error| Trouble::channel(visit, &error))? {
                Received::RoundEnd { .. } => {}
                Received::MemoryEnd => memory = true,
                Received::State(bytes) => state = Some(bytes),
                Received::Message(heard) => {
                    return Err(unexpected(&heard, "memory and device state"));
                }
            }
        }
        self.guest.load(&state.unwrap_or_default())?;
        Ok(LoadingEvent::Loaded)
    }

    fn stand_by(&mut self, visit: &Visit) -> Result<StandingByEvent<Cause>, Trouble> {
        hear(open(&mut self.channel)?, Message::HandOver, visit)?;
        Ok(StandingByEvent::HandOver)
    }

    fn start(&mut self) -> Result<StartingEvent<Cause>, Trouble> {
        self.guest.run()?;
        Ok(StartingEvent::Started)
    }

    /// Keeps the words of a failure for the source, which is told of it when the table says so.
    fn noted<E>(&mut self, found: Result<E, Trouble>) -> Result<E, Trouble> {
        if let Err(Trouble::TimedOut(cause) | Trouble::Refused(cause) | Trouble::Failed(cause)) = &found {
            self.why = Some(cause.clone());
        }
        found
    }
}

/// The channel, which every state after `listening` has.
fn open(channel: &mut Option<Channel>) -> Result<&mut Channel, Trouble> {
    channel.as_mut().ok_or_else(|| Trouble::protocol("there is no connection to the source"))
}

impl Work for DestinationWork {
    type Cause = Cause;

    fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent> {
        let payload = match message {
            Message::Welcome => self.welcome.map(|welcome| welcome.encode()).unwrap_or_default(),
            Message::Ready | Message::Running => Vec::new(),
            Message::Refused => {
                let why = self.why.as_ref().map_or("the destination gives no reason", Cause::text);
                Refusal::new(why).encode()
            }
            Message::Hello | Message::HandOver => {
                unreachable!("the table gives `{message}` to the source")
            }
        };
        let said = open(&mut self.channel).and_then(|channel| say(channel, message, &payload, visit));
        said.map_err(|trouble| match trouble {
            Trouble::Over(over) => Unsent::Over(over),
            Trouble::TimedOut(cause) | Trouble::Refused(cause) | Trouble::Failed(cause) => Unsent::Failed(cause),
        })
    }

    fn listening(&mut self, visit: &Visit) -> Result<ListeningEvent<Cause>, VisitOver> {
        evidence(self.await_source(visit))
    }

    fn loading(&mut self, visit: &Visit) -> Result<LoadingEvent<Cause>, VisitOver> {
        let found = self.load(visit);
        evidence(self.noted(found))
    }

    fn standing_by(&mut self, visit: &Visit) -> Result<StandingByEvent<Cause>, VisitOver> {
        let found = self.stand_by(visit);
        evidence(self.noted(found))
    }

    fn starting(&mut self, _visit: &Visit) -> Result<StartingEvent<Cause>, VisitOver> {
        let found = self.start();
        evidence(self.noted(found))
    }

    fn finishing(&mut self, _visit: &Visit) -> Result<FinishingEvent, VisitOver> {
        self.channel = None;
        Ok(FinishingEvent::CleanedUp)
    }

    fn closing(&mut self, _visit: &Visit) -> Result<ClosingEvent, VisitOver> {
        self.listener = None;
        Ok(ClosingEvent::CleanedUp)
    }

    fn failing(&mut self, visit: &Visit) -> Result<FailingEvent, VisitOver> {
        if let Some(mut channel) = self.channel.take()
            && let Err(error) = channel.finish(&Wait::new(visit, FAREWELL))
        {
            tracing::debug!(%error, "the source did not hang up");
        }
        Ok(FailingEvent::CleanedUp)
    }
}
