//! The generated function for one event at a time.

use super::migration::source::{Event, Facts, Guard, State, Trigger, alone};
use super::{Machine, migration};

/// It takes what the runtime knows too: triggers and events.
pub(crate) struct ByUs {
    state: State,
    guards: Facts,
}

impl Machine for ByUs {
    type Event = migration::source::Input;

    fn event(input: super::Input, _: bool) -> migration::source::Input {
        came(input)
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, guards: guards(pause) }
    }

    fn take(&mut self, event: migration::source::Input) {
        self.state = alone(self.state, event, self.guards).to;
    }

    fn state(&self) -> State {
        self.state
    }
}

/// An input in the words of the generated code.
pub(super) fn came(input: super::Input) -> migration::source::Input {
    use migration::source::Input as Came;
    match input {
        super::Input::Migrate => Came::Trigger(Trigger::Migrate),
        super::Input::Cancel => Came::Trigger(Trigger::Cancel),
        super::Input::Continue => Came::Trigger(Trigger::Continue),
        super::Input::Connected => Came::Event(Event::Connected),
        super::Input::Welcome => Came::Event(Event::Welcome),
        super::Input::Converged => Came::Event(Event::Converged),
        super::Input::Stopped => Came::Event(Event::Stopped),
        super::Input::Ready => Came::Event(Event::Ready),
        super::Input::Running => Came::Event(Event::Running),
        super::Input::CleanedUp => Came::Event(Event::CleanedUp),
        super::Input::Failed => Came::Event(Event::Failed),
        super::Input::TimedOut => Came::Event(Event::TimedOut),
        super::Input::Refused => Came::Event(Event::Refused),
    }
}

/// The guards that hold.
pub(super) fn guards(pause: bool) -> Facts {
    if pause { Facts::of_guard(Guard::PauseBeforeSwitchover) } else { Facts::EMPTY }
}
