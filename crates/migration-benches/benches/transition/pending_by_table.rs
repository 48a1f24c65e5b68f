//! The whole meaning by hand, as a static table, by somebody who has seen that in this machine no fact ever has to wait:
//! each row needs a single one. What is left of the meaning is that an attempt keeps its guard. A row that needs two
//! events would be the end of this table.

use super::by_table::NEXT;
use super::pending::is_idle;
use super::{Input, Machine, State};

pub(crate) struct ByTable {
    state: State,
    pause: bool,
    /// The guard of the present attempt.
    fixed: bool,
}

impl Machine for ByTable {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, pause, fixed: false }
    }

    fn take(&mut self, event: Input) {
        if is_idle(self.state) {
            self.fixed = self.pause;
        }
        self.state = NEXT[usize::from(self.fixed)][self.state as usize][event as usize];
    }

    fn state(&self) -> State {
        self.state
    }
}
