//! The generated functions with all that they mean: what the runtime's machine does, without its lock and its observers.

use super::by_us::guards;
use super::migration::Answer;
use super::migration::source::{Event, Facts, State, Trigger, advance, answer};
use super::{Input, Machine};

/// What comes to it, as the runtime knows it.
#[derive(Clone, Copy)]
pub(crate) enum Came {
    Trigger(Trigger),
    Event(Event),
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the guards of the present attempt, and
// nothing in an idle state.
pub(crate) struct ByUs {
    state: State,
    facts: Facts,
    guards: Facts,
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
        Self { state: State::None, facts: Facts::EMPTY, guards: guards(pause) }
    }

    fn take(&mut self, came: Came) {
        match came {
            Came::Trigger(trigger) => {
                let idle = self.state.is_idle();
                let fixed = if idle { self.guards } else { self.facts.intersection(Facts::FIXED) };
                if answer(self.state, trigger, fixed) != Answer::Accept {
                    return;
                }
                self.facts = self.facts.union(fixed).union(Facts::of_trigger(trigger));
            }
            Came::Event(_) if self.state.is_idle() => return,
            Came::Event(event) => self.facts = self.facts.union(Facts::of_event(event)),
        }
        while let Some(transition) = advance(self.state, self.facts) {
            self.state = transition.to;
            self.facts = if transition.to.is_idle() {
                Facts::EMPTY
            } else {
                self.facts.minus(Facts::EVENTS).minus(transition.consumes).minus(transition.drops)
            };
        }
    }

    fn state(&self) -> State {
        self.state
    }
}
