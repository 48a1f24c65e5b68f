//! The whole meaning by hand, as a `match` over the states: in each the conditions, the strongest first.

use super::pending::{EVENTS, Facts, PAUSE, Rows, bit};
use super::{Input, State};

/// The compiler decides how to look.
pub(crate) struct ByMatch;

impl Rows for ByMatch {
    #[inline]
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

    #[inline]
    fn fires(state: State, facts: Facts) -> Option<(State, Facts)> {
        const FAILED: Facts = bit(Input::Failed);
        const TIMED_OUT: Facts = bit(Input::TimedOut);
        const REFUSED: Facts = bit(Input::Refused);
        let to = match state {
            State::None | State::Completed | State::Failed | State::Cancelled => {
                on(facts, Input::Migrate, State::Connecting)
            }
            State::Connecting => unless(facts, FAILED | TIMED_OUT).or(on(facts, Input::Connected, State::Negotiating)),
            State::Negotiating => {
                unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Welcome, State::Active))
            }
            State::Active => {
                unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Converged, State::Stopping))
            }
            State::Stopping => {
                let next = if facts & PAUSE == 0 { State::Device } else { State::PreSwitchover };
                unless(facts, FAILED).or(on(facts, Input::Stopped, next))
            }
            State::PreSwitchover => unless(facts, FAILED | REFUSED).or(on(facts, Input::Continue, State::Device)),
            State::Device => {
                unless(facts, FAILED | TIMED_OUT | REFUSED).or(on(facts, Input::Ready, State::HandingOver))
            }
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
