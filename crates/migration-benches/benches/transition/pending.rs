//! What the forms by hand share that keep facts until they are used: a set of them, and the loop that fires rows while
//! one holds. They differ in how they look for the row.

use std::marker::PhantomData;

use super::{Input, Machine, State};

/// A set of facts: the bit of each input, and that of the guard.
pub(super) type Facts = u16;

pub(super) const PAUSE: Facts = 1 << 13;
pub(super) const TRIGGERS: Facts = bit(Input::Migrate) | bit(Input::Cancel) | bit(Input::Continue);
pub(super) const EVENTS: Facts = ((1 << 13) - 1) & !TRIGGERS;

pub(super) const fn bit(input: Input) -> Facts {
    1 << input as u16
}

pub(super) fn is_idle(state: State) -> bool {
    matches!(state, State::None | State::Completed | State::Failed | State::Cancelled)
}

pub(super) trait Rows {
    fn takes(state: State, trigger: Input) -> bool;

    /// The state that the strongest row with these facts leads to, and the facts that are gone then.
    fn fires(state: State, facts: Facts) -> Option<(State, Facts)>;
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the guards of the present attempt, and
// nothing in an idle state.
pub(crate) struct Pending<R> {
    state: State,
    facts: Facts,
    guards: Facts,
    rows: PhantomData<R>,
}

impl<R: Rows> Machine for Pending<R> {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, facts: 0, guards: if pause { PAUSE } else { 0 }, rows: PhantomData }
    }

    fn take(&mut self, event: Input) {
        if bit(event) & TRIGGERS != 0 {
            if !R::takes(self.state, event) {
                return;
            }
            if is_idle(self.state) {
                self.facts = self.guards;
            }
        } else if is_idle(self.state) {
            return;
        }
        self.facts |= bit(event);
        while let Some((to, gone)) = R::fires(self.state, self.facts) {
            self.state = to;
            self.facts &= !gone;
            if is_idle(to) {
                self.facts = 0;
            }
        }
    }

    fn state(&self) -> State {
        self.state
    }
}
