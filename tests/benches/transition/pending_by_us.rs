//! The generated functions with all that they mean: what the runtime's machine does, without its lock and its observers.

use super::by_us::{came, guards};
use super::migration::Answer;
use super::migration::source::{self, Facts, State, advance, alone, answer};
use super::{Input, Machine};

// Invariant: `pending` holds accepted triggers and the events of the present visit; `fixed`, outside of an idle state,
// the guards of the present attempt.
#[derive(Clone, Copy)]
pub(crate) struct ByUs {
    state: State,
    pending: Facts,
    fixed: Facts,
    guards: Facts,
}

impl Machine for ByUs {
    type Event = source::Input;

    fn event(input: Input, _: bool) -> source::Input {
        came(input)
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, pending: Facts::EMPTY, fixed: Facts::EMPTY, guards: guards(pause) }
    }

    fn take(&mut self, came: source::Input) {
        if self.state.is_idle() {
            // If it begins an attempt, these are its guards.
            self.fixed = self.guards;
        }
        let outcome = alone(self.state, came, self.fixed);
        if outcome.rests && self.pending.is_empty() {
            self.state = outcome.to;
        } else {
            *self = self.take_with_others(came);
        }
    }

    fn state(&self) -> State {
        self.state
    }
}

impl ByUs {
    /// The long way.
    #[cold]
    fn take_with_others(mut self, came: source::Input) -> Self {
        let is_taken = match came {
            source::Input::Trigger(trigger) => answer(self.state, trigger, self.fixed) == Answer::Accept,
            source::Input::Event(_) => !self.state.is_idle(),
        };
        if !is_taken {
            return self;
        }
        self.pending = self.pending.union(came.fact());
        while let Some(transition) = advance(self.state, self.pending.union(self.fixed)) {
            self.state = transition.to;
            self.pending = if transition.to.is_idle() {
                Facts::EMPTY
            } else {
                self.pending.minus(Facts::EVENTS).minus(transition.consumes).minus(transition.drops)
            };
        }
        self
    }
}
