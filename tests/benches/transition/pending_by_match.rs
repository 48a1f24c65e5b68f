//! The whole meaning by hand, as a `match` over the states: in each the conditions, the strongest first.

use super::{Input, Machine, State};

/// A set of facts: the bit of each input, and that of the guard.
type Facts = u16;

const PAUSE: Facts = 1 << 13;
const TRIGGERS: Facts = bit(Input::Migrate) | bit(Input::Cancel) | bit(Input::Continue);
const EVENTS: Facts = ((1 << 13) - 1) & !TRIGGERS;

const fn bit(input: Input) -> Facts {
    1 << input as u16
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the guards of the present attempt, and
// nothing in an idle state.
pub(crate) struct ByMatch {
    state: State,
    facts: Facts,
    guards: Facts,
}

impl Machine for ByMatch {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, facts: 0, guards: if pause { PAUSE } else { 0 } }
    }

    fn take(&mut self, event: Input) {
        if bit(event) & TRIGGERS != 0 {
            if !takes(self.state, event) {
                return;
            }
            if is_idle(self.state) {
                self.facts = self.guards;
            }
        } else if is_idle(self.state) {
            return;
        }
        self.facts |= bit(event);
        while let Some((to, gone)) = fires(self.state, self.facts) {
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

fn is_idle(state: State) -> bool {
    matches!(state, State::None | State::Completed | State::Failed | State::Cancelled)
}

fn takes(state: State, trigger: Input) -> bool {
    match state {
        State::None | State::Completed | State::Failed | State::Cancelled => trigger == Input::Migrate,
        State::PreSwitchover => matches!(trigger, Input::Cancel | Input::Continue),
        State::Connecting | State::Negotiating | State::Active | State::Stopping | State::Device => {
            trigger == Input::Cancel
        }
        State::HandingOver | State::Completing | State::Failing | State::Abandoning | State::Cancelling => false,
    }
}

fn fires(state: State, facts: Facts) -> Option<(State, Facts)> {
    const FAILED: Facts = bit(Input::Failed);
    const TIMED_OUT: Facts = bit(Input::TimedOut);
    const REFUSED: Facts = bit(Input::Refused);
    let to = match state {
        State::None | State::Completed | State::Failed | State::Cancelled => {
            on(facts, Input::Migrate, State::Connecting)
        }
        State::Connecting => unless(facts, FAILED | TIMED_OUT).or(on(facts, Input::Connected, State::Negotiating)),
        State::Negotiating => unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Welcome, State::Active)),
        State::Active => unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Converged, State::Stopping)),
        State::Stopping => {
            let next = if facts & PAUSE == 0 { State::Device } else { State::PreSwitchover };
            unless(facts, FAILED).or(on(facts, Input::Stopped, next))
        }
        State::PreSwitchover => unless(facts, FAILED | REFUSED).or(on(facts, Input::Continue, State::Device)),
        State::Device => unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Ready, State::HandingOver)),
        State::HandingOver if facts & (FAILED | TIMED_OUT | REFUSED) != 0 => Some(State::Abandoning),
        State::HandingOver => on(facts, Input::Running, State::Completing),
        State::Completing => on(facts, Input::CleanedUp, State::Completed),
        State::Failing | State::Abandoning => on(facts, Input::CleanedUp, State::Failed),
        State::Cancelling => on(facts, Input::CleanedUp, State::Cancelled),
    }?;
    // A trigger that is pending is consumed by the row that needs it, and only `cancel` and `continue` are needed there.
    let consumed = match to {
        State::Connecting => bit(Input::Migrate),
        State::Cancelling => bit(Input::Cancel),
        State::Device if state == State::PreSwitchover => bit(Input::Continue),
        State::None
        | State::Negotiating
        | State::Active
        | State::Stopping
        | State::PreSwitchover
        | State::Device
        | State::HandingOver
        | State::Completing
        | State::Completed
        | State::Failing
        | State::Abandoning
        | State::Failed
        | State::Cancelled => 0,
    };
    Some((to, EVENTS | consumed))
}

/// What goes before the way on: a cancel, then one of these failures.
#[inline(always)]
fn unless(facts: Facts, failures: Facts) -> Option<State> {
    if facts & bit(Input::Cancel) != 0 {
        Some(State::Cancelling)
    } else if facts & failures != 0 {
        Some(State::Failing)
    } else {
        None
    }
}

#[inline(always)]
fn on(facts: Facts, input: Input, to: State) -> Option<State> {
    (facts & bit(input) != 0).then_some(to)
}
