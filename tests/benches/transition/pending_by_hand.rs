//! The whole meaning by hand, as a static table: for each state its rows, the strongest first, and the triggers that it
//! takes.

use super::{Input, Machine, State};

/// A set of facts: the bit of each input, and that of the guard.
type Facts = u16;

const PAUSE: Facts = 1 << 13;
const TRIGGERS: Facts = bit(Input::Migrate) | bit(Input::Cancel) | bit(Input::Continue);
const EVENTS: Facts = ((1 << 13) - 1) & !TRIGGERS;

const fn bit(input: Input) -> Facts {
    1 << input as u16
}

/// One way out of a state.
struct Row {
    mask: Facts,
    set: Facts,
    gone: Facts,
    to: State,
}

// Invariant: `facts` holds pending triggers, the events of the present visit and the guards of the present attempt, and
// nothing in an idle state.
pub(crate) struct ByHand {
    state: State,
    facts: Facts,
    guards: Facts,
}

impl Machine for ByHand {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, facts: 0, guards: if pause { PAUSE } else { 0 } }
    }

    fn take(&mut self, event: Input) {
        if bit(event) & TRIGGERS != 0 {
            if TAKES[self.state as usize] & bit(event) == 0 {
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

fn fires(state: State, facts: Facts) -> Option<(State, Facts)> {
    let row = ROWS[state as usize].iter().find(|row| facts & row.mask == row.set)?;
    Some((row.to, row.gone))
}

const fn on(input: Input, to: State) -> Row {
    Row { mask: bit(input), set: bit(input), gone: EVENTS | bit(input) & TRIGGERS, to }
}

const fn on_stopped(set: Facts, to: State) -> Row {
    Row { mask: bit(Input::Stopped) | PAUSE, set: bit(Input::Stopped) | set, gone: EVENTS, to }
}

static ROWS: [&[Row]; super::STATES] = [
    &[on(Input::Migrate, State::Connecting)],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on(Input::TimedOut, State::Failing),
        on(Input::Connected, State::Negotiating),
    ],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on(Input::TimedOut, State::Failing),
        on(Input::Refused, State::Failing),
        on(Input::Welcome, State::Active),
    ],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on(Input::TimedOut, State::Failing),
        on(Input::Refused, State::Failing),
        on(Input::Converged, State::Stopping),
    ],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on_stopped(PAUSE, State::PreSwitchover),
        on_stopped(0, State::Device),
    ],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on(Input::Refused, State::Failing),
        on(Input::Continue, State::Device),
    ],
    &[
        on(Input::Cancel, State::Cancelling),
        on(Input::Failed, State::Failing),
        on(Input::TimedOut, State::Failing),
        on(Input::Refused, State::Failing),
        on(Input::Ready, State::HandingOver),
    ],
    &[
        on(Input::Failed, State::Abandoning),
        on(Input::TimedOut, State::Abandoning),
        on(Input::Refused, State::Abandoning),
        on(Input::Running, State::Completing),
    ],
    &[on(Input::CleanedUp, State::Completed)],
    &[on(Input::Migrate, State::Connecting)],
    &[on(Input::CleanedUp, State::Failed)],
    &[on(Input::CleanedUp, State::Failed)],
    &[on(Input::Migrate, State::Connecting)],
    &[on(Input::CleanedUp, State::Cancelled)],
    &[on(Input::Migrate, State::Connecting)],
];

/// The triggers that each state takes.
static TAKES: [Facts; super::STATES] = [
    bit(Input::Migrate),
    bit(Input::Cancel),
    bit(Input::Cancel),
    bit(Input::Cancel),
    bit(Input::Cancel),
    bit(Input::Cancel) | bit(Input::Continue),
    bit(Input::Cancel),
    0,
    0,
    bit(Input::Migrate),
    0,
    0,
    bit(Input::Migrate),
    0,
    bit(Input::Migrate),
];
