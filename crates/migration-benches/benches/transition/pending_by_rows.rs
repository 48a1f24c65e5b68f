//! The whole meaning by hand, as static rows: for each state its rows, the strongest first, and the triggers that it
//! takes.

use super::pending::{EVENTS, Facts, PAUSE, Rows, TRIGGERS, bit};
use super::{Input, State};

/// One way out of a state.
struct Row {
    mask: Facts,
    set: Facts,
    gone: Facts,
    to: State,
}

/// One row after the other, until one holds.
pub(crate) struct ByRows;

impl Rows for ByRows {
    #[inline]
    fn takes(state: State, trigger: Input) -> bool {
        TAKES[state as usize] & bit(trigger) != 0
    }

    #[inline]
    fn fires(state: State, facts: Facts) -> Option<(State, Facts)> {
        let row = ROWS[state as usize].iter().find(|row| facts & row.mask == row.set)?;
        Some((row.to, row.gone))
    }
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
