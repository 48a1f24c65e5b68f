//! The generated function for any set of facts, asked about one event at a time.

use super::by_us::guards;
use super::migration::source::{Event, Facts, State, Trigger, advance};
use super::{Input, Machine};

/// It takes sets of facts, here always the one fact that came.
pub(crate) struct ByFacts {
    state: State,
    guards: Facts,
}

impl Machine for ByFacts {
    type Event = Facts;

    fn event(input: Input, _: bool) -> Facts {
        match input {
            Input::Migrate => Facts::of_trigger(Trigger::Migrate),
            Input::Cancel => Facts::of_trigger(Trigger::Cancel),
            Input::Continue => Facts::of_trigger(Trigger::Continue),
            Input::Connected => Facts::of_event(Event::Connected),
            Input::Welcome => Facts::of_event(Event::Welcome),
            Input::Converged => Facts::of_event(Event::Converged),
            Input::Stopped => Facts::of_event(Event::Stopped),
            Input::Ready => Facts::of_event(Event::Ready),
            Input::Running => Facts::of_event(Event::Running),
            Input::CleanedUp => Facts::of_event(Event::CleanedUp),
            Input::Failed => Facts::of_event(Event::Failed),
            Input::TimedOut => Facts::of_event(Event::TimedOut),
            Input::Refused => Facts::of_event(Event::Refused),
        }
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, guards: guards(pause) }
    }

    fn take(&mut self, event: Facts) {
        if let Some(transition) = advance(self.state, event.union(self.guards)) {
            self.state = transition.to;
        }
    }

    fn state(&self) -> State {
        self.state
    }
}
