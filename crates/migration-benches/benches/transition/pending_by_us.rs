//! The generated functions with all that they mean: what `migration_machine::Machine` does, without its lock and its
//! observers.

use migration_machine::Answer;

use super::by_facts::guards;
use super::migration::source::{Event, Facts, State, Trigger, advance, answer};
use super::{Input, Machine};

// Invariant: `pending` holds accepted triggers and the events of the current visit; `fixed`, outside of an idle state,
// the guards of the current attempt.
pub(crate) struct ByUs {
    state: State,
    pending: Facts,
    fixed: Facts,
    guards: Facts,
}

/// What came, in the words of the generated code.
#[derive(Clone, Copy)]
pub(crate) enum Came {
    Trigger(Trigger),
    Event(Event),
}

impl Machine for ByUs {
    type Event = Came;

    fn event(input: Input, _: bool) -> Came {
        match input {
            Input::Migrate => Came::Trigger(Trigger::Migrate),
            Input::Cancel => Came::Trigger(Trigger::Cancel),
            Input::Continue => Came::Trigger(Trigger::Continue),
            Input::Connected => Came::Event(Event::Connected),
            Input::Welcome => Came::Event(Event::Welcome),
            Input::Converged => Came::Event(Event::Converged),
            Input::Stopped => Came::Event(Event::Stopped),
            Input::Ready => Came::Event(Event::Ready),
            Input::Running => Came::Event(Event::Running),
            Input::CleanedUp => Came::Event(Event::CleanedUp),
            Input::Failed => Came::Event(Event::Failed),
            Input::TimedOut => Came::Event(Event::TimedOut),
            Input::Refused => Came::Event(Event::Refused),
        }
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, pending: Facts::EMPTY, fixed: Facts::EMPTY, guards: guards(pause) }
    }

    fn take(&mut self, came: Came) {
        if self.state.is_idle() {
            // If it begins an attempt, these are its guards.
            self.fixed = self.guards;
        }
        let fact = match came {
            Came::Trigger(trigger) if answer(self.state, trigger, self.fixed) == Answer::Accept => trigger.fact(),
            Came::Event(event) if !self.state.is_idle() => event.fact(),
            Came::Trigger(_) | Came::Event(_) => return,
        };
        self.pending = self.pending.union(fact);
        while let Some(transition) = advance(self.state, self.pending.union(self.fixed)) {
            self.state = transition.to;
            self.pending = if transition.to.is_idle() {
                Facts::EMPTY
            } else {
                self.pending.minus(Event::SET).minus(transition.consumes).minus(transition.drops)
            };
        }
    }

    fn state(&self) -> State {
        self.state
    }
}
