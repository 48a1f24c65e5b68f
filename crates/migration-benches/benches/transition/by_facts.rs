//! The generated function for any set of facts, asked about one event at a time.

use super::migration::source::{Event, Facts, Guard, State, Trigger, advance};
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
            Input::Migrate => Trigger::Migrate.fact(),
            Input::Cancel => Trigger::Cancel.fact(),
            Input::Continue => Trigger::Continue.fact(),
            Input::Connected => Event::Connected.fact(),
            Input::Welcome => Event::Welcome.fact(),
            Input::Converged => Event::Converged.fact(),
            Input::Stopped => Event::Stopped.fact(),
            Input::Ready => Event::Ready.fact(),
            Input::Running => Event::Running.fact(),
            Input::CleanedUp => Event::CleanedUp.fact(),
            Input::Failed => Event::Failed.fact(),
            Input::TimedOut => Event::TimedOut.fact(),
            Input::Refused => Event::Refused.fact(),
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

/// The guards that hold.
pub(super) fn guards(pause: bool) -> Facts {
    if pause { Guard::PauseBeforeSwitchover.fact() } else { Facts::EMPTY }
}
